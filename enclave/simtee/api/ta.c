/* SPDX-License-Identifier: MIT
 *
 * Properties, sessions with other applications, cancellation, time: 4.4, 4.9, 4.10 and chapter 7 of
 * the TEE Internal Core API.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tee_internal_api.h>

#include "sys.h"

struct simtee_session {
	uint32_t id; /* the core's */
};

static void require(bool condition)
{
	if (!condition)
		TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
}

static const struct property {
	const char *name, *value;
} tee_properties[] = {
	{"gpd.tee.apiversion", "1.3"},
	{"gpd.tee.description", "simtee: a simulator, protects nothing"},
	{"gpd.tee.trustedStorage.rollbackDetection.protectionLevel", "0"},
};

TEE_Result TEE_GetPropertyAsString(
	TEE_PropSetHandle propset, const char *name, char *valueBuffer, size_t *valueBufferLen)
{
	require(name && valueBufferLen);
	if (propset != TEE_PROPSET_TEE_IMPLEMENTATION)
		return TEE_ERROR_ITEM_NOT_FOUND;
	for (size_t i = 0; i < sizeof tee_properties / sizeof tee_properties[0]; i++) {
		size_t size, room = *valueBufferLen;

		if (strcmp(tee_properties[i].name, name))
			continue;
		size = strlen(tee_properties[i].value) + 1;
		*valueBufferLen = size;
		if (room < size)
			return TEE_ERROR_SHORT_BUFFER;
		TEE_MemMove(valueBuffer, tee_properties[i].value, size);
		return TEE_SUCCESS;
	}
	return TEE_ERROR_ITEM_NOT_FOUND;
}

TEE_Result TEE_GetPropertyAsBool(TEE_PropSetHandle propset, const char *name, bool *value)
{
	(void)propset;
	require(name && value);
	return TEE_ERROR_ITEM_NOT_FOUND;
}

TEE_Result TEE_GetPropertyAsU32(TEE_PropSetHandle propset, const char *name, uint32_t *value)
{
	char text[64];
	size_t size = sizeof text;
	char *end;
	TEE_Result res = TEE_GetPropertyAsString(propset, name, text, &size);
	unsigned long number;

	require(value);
	if (res)
		return res;
	number = strtoul(text, &end, 10);
	if (end == text || *end || number > UINT32_MAX)
		return TEE_ERROR_BAD_FORMAT;
	*value = (uint32_t)number;
	return TEE_SUCCESS;
}

TEE_Result TEE_GetPropertyAsUUID(TEE_PropSetHandle propset, const char *name, TEE_UUID *value)
{
	require(name && value);
	if (propset != TEE_PROPSET_CURRENT_TA || strcmp(name, "gpd.ta.appID"))
		return TEE_ERROR_ITEM_NOT_FOUND;
	*value = sys_self();
	return TEE_SUCCESS;
}

TEE_Result TEE_GetPropertyAsIdentity(
	TEE_PropSetHandle propset, const char *name, TEE_Identity *value)
{
	require(name && value);
	if (propset != TEE_PROPSET_CURRENT_CLIENT || strcmp(name, "gpd.client.identity"))
		return TEE_ERROR_ITEM_NOT_FOUND;
	*value = sys_client();
	return TEE_SUCCESS;
}

TEE_Result TEE_OpenTASession(const TEE_UUID *destination, uint32_t cancellationRequestTimeout,
	uint32_t paramTypes, TEE_Param params[4], TEE_TASessionHandle *session,
	uint32_t *returnOrigin)
{
	struct simtee_session *s;
	TEE_Param none[4] = {0};
	uint32_t origin = TEE_ORIGIN_API;
	TEE_Result res = TEE_ERROR_OUT_OF_MEMORY;

	(void)cancellationRequestTimeout;
	require(destination && session);
	*session = TEE_HANDLE_NULL;
	s = calloc(1, sizeof *s);
	if (s)
		res = sys_ta_open(destination, paramTypes, params ? params : none, &s->id, &origin);
	if (returnOrigin)
		*returnOrigin = origin;
	if (res) {
		free(s);
		return res;
	}
	*session = s;
	return TEE_SUCCESS;
}

void TEE_CloseTASession(TEE_TASessionHandle session)
{
	if (!session)
		return;
	sys_ta_close(session->id);
	free(session);
}

TEE_Result TEE_InvokeTACommand(TEE_TASessionHandle session, uint32_t cancellationRequestTimeout,
	uint32_t commandID, uint32_t paramTypes, TEE_Param params[4], uint32_t *returnOrigin)
{
	TEE_Param none[4] = {0};
	uint32_t origin = TEE_ORIGIN_API;
	TEE_Result res;

	(void)cancellationRequestTimeout;
	require(session != NULL);
	res = sys_ta_invoke(session->id, commandID, paramTypes, params ? params : none, &origin);
	if (returnOrigin)
		*returnOrigin = origin;
	return res;
}

/* Cancellation is masked for ever: what a client asks for is noted nowhere. */
bool TEE_GetCancellationFlag(void)
{
	return false;
}

bool TEE_UnmaskCancellation(void)
{
	return true;
}

bool TEE_MaskCancellation(void)
{
	return true;
}

static void read_clock(clockid_t clock, TEE_Time *time)
{
	struct timespec now = {0};

	require(time && !clock_gettime(clock, &now));
	time->seconds = (uint32_t)now.tv_sec;
	time->millis = (uint32_t)(now.tv_nsec / 1000000);
}

void TEE_GetSystemTime(TEE_Time *time)
{
	read_clock(CLOCK_MONOTONIC, time);
}

void TEE_GetREETime(TEE_Time *time)
{
	read_clock(CLOCK_REALTIME, time);
}

TEE_Result TEE_Wait(uint32_t timeout)
{
	struct timespec left = {
		.tv_sec = timeout / 1000, .tv_nsec = (long)(timeout % 1000) * 1000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left))
		;
	return TEE_SUCCESS;
}
