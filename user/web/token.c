// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "web/address.h"
#include "web/token.h"

static bool read_old(const char *path, char token[RF_TOKEN_DIGITS + 1])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[256];
	const char *at;
	struct stat st;
	ssize_t n = -1;

	/* What others could have read or put there is no secret. */
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 077))
		n = read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, RF_WEB_TOKEN);
	at = at ? at + strlen(RF_WEB_TOKEN) : "";
	if (strspn(at, "0123456789abcdef") != RF_TOKEN_DIGITS)
		return false;
	memcpy(token, at, RF_TOKEN_DIGITS);
	token[RF_TOKEN_DIGITS] = '\0';
	return true;
}

int rf_token_take(const char *path, char token[RF_TOKEN_DIGITS + 1])
{
	unsigned char bytes[RF_TOKEN_DIGITS / 2];

	if (read_old(path, token))
		return 0;
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++)
		sprintf(token + 2 * i, "%02x", bytes[i]);
	return 0;
}

int rf_token_keep(const char *path, const char *host, const char *token)
{
	char new[PATH_MAX];
	int fd, err = 0;

	if (snprintf(new, sizeof(new), "%s.new", path) >= (int)sizeof(new))
		return -ENAMETOOLONG;
	unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (dprintf(fd, "http://%s" RF_WEB_TOKEN "%s\n", host, token) < 0)
		err = -errno;
	if (close(fd) < 0 && !err)
		err = -errno;
	if (!err && rename(new, path) < 0)
		err = -errno;
	if (err)
		unlink(new);
	return err;
}

bool rf_token_is(const char *token, const char *offered)
{
	unsigned char differ = 0;

	if (!offered || strlen(offered) != RF_TOKEN_DIGITS)
		return false;
	for (size_t i = 0; i < RF_TOKEN_DIGITS; i++)
		differ |= (unsigned char)(token[i] ^ offered[i]);
	return !differ;
}
