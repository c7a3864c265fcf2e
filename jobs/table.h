// jobs/table.h: what `airwatch table` tells: all declared tables, and one with its columns.
#ifndef JOBS_TABLE_H
#define JOBS_TABLE_H

#include "jobs/job.h"

bool job_table_list(struct scope *s, struct job *job) MUST_CHECK;
bool job_table_show(struct scope *s, struct job *job) MUST_CHECK;

#endif
