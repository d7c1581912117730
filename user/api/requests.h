/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What libmicrohttpd calls for each request; `context` is the server. */
#ifndef RINGFENCE_API_REQUESTS_H
#define RINGFENCE_API_REQUESTS_H

#include <microhttpd.h>

/* Its first line is there: makes what the others find in *request. */
void *rf_requests_begin(void *context, const char *uri, struct MHD_Connection *connection);
/* Its headers are there; then for each piece of its body; then once more. */
enum MHD_Result rf_requests_handle(void *context, struct MHD_Connection *connection, const char *path,
				   const char *method, const char *version, const char *piece, size_t *size,
				   void **request);
/* It is answered, or was given up. */
void rf_requests_end(void *context, struct MHD_Connection *connection, void **request,
		     enum MHD_RequestTerminationCode why);

#endif
