/* SPDX-License-Identifier: MIT
 *
 * Who opens a session, from what the kernel says of the process at the other end: the same UUIDs
 * that Linux makes for OP-TEE (RFC 9562, version 5, of "uid=…" and "gid=…" in Linux's own name
 * space), and the same logins: public, user, group.
 */
#include "core.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/evp.h>

#define GROUPS_MAX 65536u

static const uint8_t name_space[16] = {0x58, 0xac, 0x9c, 0xa0, 0x20, 0x86, 0x46, 0x83, 0xa1, 0xb8,
	0xec, 0x4b, 0xc0, 0x8e, 0x01, 0xb6};

static TEE_Result name_uuid(const char *prefix, uint32_t number, TEE_UUID *uuid)
{
	uint8_t text[sizeof name_space + 16], hash[EVP_MAX_MD_SIZE];
	int length;

	memcpy(text, name_space, sizeof name_space);
	length = snprintf((char *)text + sizeof name_space, sizeof text - sizeof name_space,
		"%s=%x", prefix, number);
	if (!EVP_Digest(text, sizeof name_space + (size_t)length, hash, NULL, EVP_sha1(), NULL))
		return TEE_ERROR_GENERIC;
	*uuid = (TEE_UUID){
		.timeLow = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 |
			   (uint32_t)hash[2] << 8 | hash[3],
		.timeMid = (uint16_t)(hash[4] << 8 | hash[5]),
		.timeHiAndVersion = (uint16_t)((hash[6] & 0x0f) << 8 | hash[7] | 0x5000),
	};
	memcpy(uuid->clockSeqAndNode, hash + 8, sizeof uuid->clockSeqAndNode);
	uuid->clockSeqAndNode[0] = (uint8_t)((hash[8] & 0x3f) | 0x80);
	return TEE_SUCCESS;
}

static bool is_in_group(int socket, const struct ucred *peer, gid_t group)
{
	socklen_t size = GROUPS_MAX * sizeof(gid_t);
	gid_t *groups = peer->gid == group ? NULL : malloc(size);
	bool found = peer->gid == group;

	if (groups && !getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size))
		for (size_t i = 0; i < size / sizeof *groups && !found; i++)
			found = groups[i] == group;
	free(groups);
	return found;
}

TEE_Result identity_of(int socket, uint32_t login, uint32_t group, TEE_Identity *identity)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	*identity = (TEE_Identity){.login = login};
	if (login == TEE_LOGIN_PUBLIC)
		return TEE_SUCCESS;
	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return TEE_ERROR_GENERIC;
	switch (login) {
	case TEE_LOGIN_USER: return name_uuid("uid", peer.uid, &identity->uuid);
	case TEE_LOGIN_GROUP:
		if (!is_in_group(socket, &peer, group))
			return TEE_ERROR_ACCESS_DENIED;
		return name_uuid("gid", group, &identity->uuid);
	default: return TEE_ERROR_NOT_SUPPORTED;
	}
}
