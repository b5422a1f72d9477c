/*
 * microhttpd.h - libmicrohttpd's header as this folder includes it: its functions are defined in microhttpd.c.
 */
#ifndef NB_GATEWAY_MICROHTTPD_H
#define NB_GATEWAY_MICROHTTPD_H

#include <sys/socket.h>
#include <sys/types.h>

#include <microhttpd.h>

#endif
