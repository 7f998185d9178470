import { describe, expect, test } from 'vitest'
import { labels, DEFAULT_QUEUE as QUEUE_BY_POLICY } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { DEFAULT_QUEUE } from '../model/queue.ts'
import { readJob } from './readJob.ts'

/** Made at 0x01890a5dac96 ms: 2023-06-30T03:34:18.518Z. */
const JOB_ID = 'job_01h455vb4pex5vsknk084sn02q'

function createdMs(creationTimestamp: string, jobId?: string): number {
  const claimed = jobId === undefined ? {} : { labels: { [labels.job]: jobId } }
  const job = {
    metadata: { name: 'train', creationTimestamp, ...claimed },
    spec: { template: { spec: { containers: [] } } },
  }
  return readJob(job as unknown as Job, null).createdMs
}

describe('the turn of a job', () => {
  test('within the second it was created in, is by the time of its id', () => {
    expect(createdMs('2023-06-30T03:34:18Z', JOB_ID)).toBe(Date.parse('2023-06-30T03:34:18.518Z'))
  })

  test('submitted before that second, it is ahead of all that were submitted in it', () => {
    expect(createdMs('2023-06-30T03:34:19Z', JOB_ID)).toBe(Date.parse('2023-06-30T03:34:19Z'))
  })

  test('a claim never reaches beyond that second', () => {
    expect(createdMs('2023-06-30T03:34:17Z', JOB_ID)).toBe(Date.parse('2023-06-30T03:34:17Z'))
    expect(createdMs('2024-01-01T00:00:00Z', JOB_ID)).toBe(Date.parse('2024-01-01T00:00:00Z'))
  })

  test('without an id, or with what is none, is its creation alone', () => {
    for (const id of [undefined, 'soon']) {
      expect(createdMs('2023-06-30T03:34:18Z', id)).toBe(Date.parse('2023-06-30T03:34:18Z'))
    }
  })
})

test('a Job that names no queue waits in the one that the admission policy would have written on it', () => {
  const job = { metadata: { name: 'train' }, spec: { template: { spec: { containers: [] } } } } as unknown as Job
  expect(readJob(job, null).queue).toBe(QUEUE_BY_POLICY)
  // The plan, which knows nothing of Kubernetes, has the name for its words.
  expect(DEFAULT_QUEUE).toBe(QUEUE_BY_POLICY)
})
