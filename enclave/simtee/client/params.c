/* SPDX-License-Identifier: MIT */
#include "params.h"

#include <string.h>

/* Directions of a memory reference, as in the last two bits of its type. */
#define DIRECTION_IN  1u
#define DIRECTION_OUT 2u

static TEEC_Result send_temporary(struct simtee_connection *connection,
	const TEEC_TempMemoryReference *reference, uint32_t direction, struct wire_param *param,
	struct passage *passage)
{
	const struct shared *shared;

	param->size = reference->size;
	if (!reference->buffer) /* asks how much room it takes */
		return TEEC_SUCCESS;
	passage->shadow = memory_take_shadow(connection, reference->size ? reference->size : 1);
	if (!passage->shadow)
		return TEEC_ERROR_OUT_OF_MEMORY;
	shared = memory_of_shadow(passage->shadow);
	param->memory = shared->number;
	passage->shared = shared->bytes;
	passage->size = reference->size;
	if (direction & DIRECTION_OUT)
		passage->host = reference->buffer;
	if ((direction & DIRECTION_IN) && reference->size)
		memcpy(shared->bytes, reference->buffer, reference->size);
	return TEEC_SUCCESS;
}

static TEEC_Result send_part(struct simtee_connection *connection, const TEEC_SharedMemory *memory,
	size_t offset, size_t size, uint32_t direction, struct wire_param *param,
	struct passage *passage)
{
	uint8_t *host = memory->buffer, *shadow = memory->imp.shadow;

	if (memory->imp.connection != connection || (direction & ~memory->flags) ||
		offset > memory->size || size > memory->size - offset)
		return TEEC_ERROR_BAD_PARAMETERS;
	param->memory = memory->imp.id;
	param->offset = offset;
	param->size = size;
	if (!shadow) /* allocated by TEEC_AllocateSharedMemory: the TEE sees it itself */
		return TEEC_SUCCESS;
	passage->shared = shadow + offset;
	passage->size = size;
	if (direction & DIRECTION_OUT)
		passage->host = host + offset;
	if ((direction & DIRECTION_IN) && size)
		memcpy(shadow + offset, host + offset, size);
	return TEEC_SUCCESS;
}

static TEEC_Result send_one(struct simtee_connection *connection, uint32_t type,
	const TEEC_Parameter *from, uint32_t *tee_type, struct wire_param *param,
	struct passage *passage)
{
	const TEEC_SharedMemory *parent = from->memref.parent;

	*tee_type = type;
	switch (type) {
	case TEEC_NONE: return TEEC_SUCCESS;
	case TEEC_VALUE_INPUT:
	case TEEC_VALUE_OUTPUT:
	case TEEC_VALUE_INOUT:
		param->a = from->value.a;
		param->b = from->value.b;
		return TEEC_SUCCESS;
	case TEEC_MEMREF_TEMP_INPUT:
	case TEEC_MEMREF_TEMP_OUTPUT:
	case TEEC_MEMREF_TEMP_INOUT:
		return send_temporary(connection, &from->tmpref, type & 3, param, passage);
	case TEEC_MEMREF_WHOLE:
		if (!parent)
			return TEEC_ERROR_BAD_PARAMETERS;
		*tee_type = TEE_PARAM_TYPE_MEMREF_INPUT - 1 + parent->flags;
		return send_part(
			connection, parent, 0, parent->size, parent->flags, param, passage);
	case TEEC_MEMREF_PARTIAL_INPUT:
	case TEEC_MEMREF_PARTIAL_OUTPUT:
	case TEEC_MEMREF_PARTIAL_INOUT:
		if (!parent)
			return TEEC_ERROR_BAD_PARAMETERS;
		*tee_type = TEE_PARAM_TYPE_MEMREF_INPUT - 1 + (type & 3);
		return send_part(connection, parent, from->memref.offset, from->memref.size,
			type & 3, param, passage);
	default: return TEEC_ERROR_BAD_PARAMETERS;
	}
}

TEEC_Result params_send(struct simtee_connection *connection, const TEEC_Operation *operation,
	struct wire_request *request, struct passage passages[4])
{
	if (operation->paramTypes >> 16)
		return TEEC_ERROR_BAD_PARAMETERS;
	for (unsigned int i = 0; i < 4; i++) {
		uint32_t type = TEEC_PARAM_TYPE_GET(operation->paramTypes, i), tee_type;
		TEEC_Result result = send_one(connection, type, &operation->params[i], &tee_type,
			&request->params[i], &passages[i]);

		if (result)
			return result;
		request->types |= tee_type << 4 * i;
	}
	return TEEC_SUCCESS;
}

void params_receive(const struct wire_reply *reply, uint32_t types, TEEC_Operation *operation,
	const struct passage passages[4])
{
	for (unsigned int i = 0; i < 4; i++) {
		uint32_t type = TEEC_PARAM_TYPE_GET(operation->paramTypes, i);
		const struct wire_param *from = &reply->params[i];
		TEEC_Parameter *to = &operation->params[i];

		if (!wire_is_output(TEE_PARAM_TYPE_GET(types, i)))
			continue;
		if (!wire_is_memref(TEE_PARAM_TYPE_GET(types, i))) {
			to->value.a = from->a;
			to->value.b = from->b;
			continue;
		}
		/* More than there is room for: only the size comes back. */
		if (passages[i].host && from->size && from->size <= passages[i].size)
			memcpy(passages[i].host, passages[i].shared, from->size);
		if (type & 8)
			to->memref.size = from->size;
		else
			to->tmpref.size = from->size;
	}
}

void params_clear(struct simtee_connection *connection, struct passage passages[4])
{
	for (int i = 0; i < 4; i++)
		memory_give_shadow(connection, passages[i].shadow);
}
