/*
 * ical.h - libical is loaded when it is first called; or at once.
 */
#ifndef NB_RECUR_ICAL_H
#define NB_RECUR_ICAL_H

/* Before a process is forked that would otherwise load it anew each time, under its limit of processor time. */
void ical_load(void);

#endif
