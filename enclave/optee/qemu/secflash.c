/* SPDX-License-Identifier: MIT
 *
 * Board hooks for QEMU's virt machine with secure=on: NOR flash bank 0, which only the secure world
 * reaches, stands for what a real device keeps in fuses and RPMB. 256 KiB sectors:
 *
 *	0x03f80000              16 bytes hardware unique key, then 16 bytes serial number
 *	0x03fc0000, 0x03f40000  logs of the monotonic counter behind secure storage, used in turn
 *
 * A log only grows; a slot is a value and its complement, so a torn one counts for nothing. A full
 * sector stays as it is until the other one has taken the next value: power may go at any moment.
 */
#include <crypto/crypto.h>
#include <io.h>
#include <kernel/delay.h>
#include <kernel/huk_subkey.h>
#include <kernel/nv_counter.h>
#include <kernel/panic.h>
#include <kernel/spinlock.h>
#include <kernel/tee_common_otp.h>
#include <mm/core_memprot.h>
#include <mm/core_mmu.h>
#include <string.h>
#include <string_ext.h>
#include <tee/tee_cryp_utl.h>

#define FLASH_BASE   0x03e00000
#define FLASH_SIZE   0x00200000
#define KEY_BASE     0x03f80000
#define SECTOR_BYTES 0x00040000
#define SLOT_BYTES   8
#define SLOTS        (SECTOR_BYTES / SLOT_BYTES)
#define BLANK        0xffffffff /* erased */

/* CFI commands, for each of the two 16-bit chips side by side. */
#define CMD_PROGRAM    0x00400040
#define CMD_ERASE      0x00200020
#define CMD_CONFIRM    0x00d000d0
#define CMD_READ_ARRAY 0x00ff00ff

register_phys_mem_pgdir(MEM_AREA_IO_SEC, FLASH_BASE, FLASH_SIZE);

static const paddr_t sectors[] = {0x03fc0000, 0x03f40000};

/* What the log says; read once, then kept. */
static struct {
	bool loaded;
	unsigned int sector; /* that holds the value */
	size_t next_slot;    /* its first blank one */
	uint32_t value;
} counter;
static unsigned int counter_lock = SPINLOCK_UNLOCK;

static vaddr_t flash_at(paddr_t address, size_t size)
{
	return (vaddr_t)phys_to_virt(address, MEM_AREA_IO_SEC, size);
}

/* Flash that was never given a key (all zeros, or erased) is no device's. */
TEE_Result tee_otp_get_hw_unique_key(struct tee_hw_unique_key *key)
{
	vaddr_t at = flash_at(KEY_BASE, HW_UNIQUE_KEY_LENGTH);
	uint8_t all = 0xff, any = 0;

	for (size_t i = 0; at && i < HW_UNIQUE_KEY_LENGTH; i++) {
		key->data[i] = io_read8(at + i);
		all &= key->data[i];
		any |= key->data[i];
	}
	return !at || all == 0xff || !any ? TEE_ERROR_SECURITY : TEE_SUCCESS;
}

static void counter_load(void)
{
	if (counter.loaded)
		return;
	for (unsigned int n = 0; n < ARRAY_SIZE(sectors); n++) {
		vaddr_t base = flash_at(sectors[n], SECTOR_BYTES);
		size_t slot = 0;

		for (; slot < SLOTS; slot++) {
			uint32_t value = io_read32(base + slot * SLOT_BYTES);
			uint32_t check = io_read32(base + slot * SLOT_BYTES + 4);

			if (value == BLANK && check == BLANK)
				break;
			if (check == ~value && value >= counter.value) {
				counter.value = value;
				counter.sector = n;
			}
		}
		if (n == counter.sector)
			counter.next_slot = slot;
	}
	counter.loaded = true;
}

static void flash_command(vaddr_t at, uint32_t first, uint32_t second)
{
	io_write32(at, first);
	io_write32(at, second);
	io_write32(at, CMD_READ_ARRAY);
}

static TEE_Result counter_store(uint32_t value)
{
	vaddr_t at = 0;

	if (counter.next_slot == SLOTS) {
		counter.sector = !counter.sector;
		counter.next_slot = 0;
		flash_command(
			flash_at(sectors[counter.sector], SECTOR_BYTES), CMD_ERASE, CMD_CONFIRM);
	}
	at = flash_at(sectors[counter.sector], SECTOR_BYTES) + counter.next_slot++ * SLOT_BYTES;
	flash_command(at, CMD_PROGRAM, value);
	flash_command(at + 4, CMD_PROGRAM, ~value);
	if (io_read32(at) != value || io_read32(at + 4) != ~value)
		return TEE_ERROR_STORAGE_NOT_AVAILABLE;
	counter.value = value;
	return TEE_SUCCESS;
}

TEE_Result nv_counter_get_ree_fs(uint32_t *value)
{
	uint32_t exceptions = cpu_spin_lock_xsave(&counter_lock);

	counter_load();
	*value = counter.value;
	cpu_spin_unlock_xrestore(&counter_lock, exceptions);
	return TEE_SUCCESS;
}

TEE_Result nv_counter_incr_ree_fs_to(uint32_t value)
{
	uint32_t exceptions = cpu_spin_lock_xsave(&counter_lock);
	TEE_Result res = TEE_SUCCESS;

	counter_load();
	if (value < counter.value)
		res = TEE_ERROR_SECURITY;
	else if (value > counter.value)
		res = counter_store(value);
	cpu_spin_unlock_xrestore(&counter_lock, exceptions);
	return res;
}

/*
 * This machine offers the secure world no source of randomness, and OP-TEE's default seeds from the
 * time alone, which the normal world can guess. The seed here is secret, by the unique key, and
 * another one at every start, by counter and timer. A board with a TRNG takes that instead.
 */
void plat_rng_init(void)
{
	const enum huk_subkey_usage usage = 0x45444252; /* ours: no other subkey has it */
	struct {
		uint64_t ticks;
		uint32_t counter, zero;
	} start = {.ticks = delay_cnt_read()};
	uint8_t seed[TEE_SHA256_HASH_SIZE] = {0};

	if (nv_counter_get_ree_fs(&start.counter) ||
		huk_subkey_derive(usage, &start, sizeof start, seed, sizeof seed) ||
		crypto_rng_init(seed, sizeof seed))
		panic();
	memzero_explicit(seed, sizeof seed);
}
