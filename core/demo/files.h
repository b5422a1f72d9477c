/*
 * files.h - what `demo live` sends by, embedded: core/demo/files.c is generated from send.sh and channels.conf. Private to demo/.
 */
#ifndef NB_DEMO_FILES_H
#define NB_DEMO_FILES_H

extern const char demo_send_sh[];
extern const char demo_channels_conf[]; /* @SEND@ stands for the program's path, in quotes where it has blanks */

#endif
