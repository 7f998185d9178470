import type { JobEntry } from '../jobEntry.ts'
import { type Around, type ReadJob, readJob } from '../readJob.ts'

/** Reads the entry's Job anew, or what the pods of a group come to. */
export function readEntry(entry: JobEntry, around: Around): void {
  if (entry.group !== null) entry.object = entry.group.jobOf(entry.pods)
  const read = entry.object && readJob(entry.object, entry.read, null, around)
  entry.read = read !== null && entry.group !== null ? asGroup(read, entry.group) : read
}

/** Its pods are there already, so what they ask for needs no trial. */
function asGroup(read: ReadJob, { trouble }: NonNullable<JobEntry['group']>): ReadJob {
  const known = { ...read, isTriable: false }
  return trouble === null ? known : { ...known, asked: trouble, demand: trouble }
}
