/*
 * documents_internal.h - shared by the files of core/config.
 */
#ifndef NB_CONFIG_DOCUMENTS_INTERNAL_H
#define NB_CONFIG_DOCUMENTS_INTERNAL_H

#include "config/documents.h"
#include "db/query.h"

/* The first parameters of each of a kind's queries. */
struct nb_params *nb_config_params(const struct nb_config *config);

#endif
