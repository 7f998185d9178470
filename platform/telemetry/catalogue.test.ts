import { assert, describe, test } from 'vitest'
import { PENDING_CODES } from '../../scheduler/model/pending.ts'
import { SUBGRAPH_NAMES } from '../link/protocol.ts'
import { UNSCHEDULABLE_REASONS } from './catalogue/scheduling.ts'
import { catalogue } from './catalogue.ts'
import { type Metric, SUBGRAPH_LABEL } from './metric.ts'
import { count, record, sampled } from './metrics.ts'

describe('each metric of the catalogue', () => {
  for (const [name, metric] of Object.entries<Metric>(catalogue)) {
    test(name, () => {
      assert.match(name, /^[a-z]+(_[a-z]+)*$/)
      assert.equal(metric.kind === 'counter', name.endsWith('_total'), 'counters, and they alone, end in _total')
      if (metric.unit !== '1') assert.include(name, metric.unit, 'the unit is in the name')
      assert.equal(
        metric.kind === 'histogram',
        metric.buckets !== undefined,
        'histograms, and they alone, have buckets',
      )
      assert.deepEqual(
        [...(metric.buckets ?? [])],
        [...new Set(metric.buckets)].sort((a, b) => a - b),
      )
      assert.match(metric.meaning, /^[^\s].*\.$/, 'the meaning is a sentence')
      for (const label of Object.keys(metric.labels)) {
        assert.match(label, /^[a-z]+(_[a-z]+)*$/)
        assert.notMatch(label, /job|pod$|user|uid|principal|tenant/, 'no label grows with use')
      }
    })
  }
})

test('labels name the subgraphs and the pending codes that there are', () => {
  assert.sameMembers([...SUBGRAPH_LABEL], [...SUBGRAPH_NAMES])
  assert.sameMembers([...UNSCHEDULABLE_REASONS], [...PENDING_CODES])
})

test('a wrong kind, a wrong label and a wrong value do not compile', () => {
  const recordings = () => {
    // @ts-expect-error a histogram does not count
    count('sluice_scheduler_plan_duration_seconds', { replica_role: 'standalone' })
    // @ts-expect-error the label is missing
    record('sluice_scheduler_plan_duration_seconds', {}, 1)
    // @ts-expect-error no such value
    record('sluice_scheduler_plan_duration_seconds', { replica_role: 'boss' }, 1)
    // @ts-expect-error a label too many
    count('sluice_subscription_events_delivered_total', { subgraph: 'jobs' })
    // @ts-expect-error no such metric
    count('sluice_surprises_total', {})
    // @ts-expect-error the value's labels are those of the metric
    sampled('sluice_pending_workloads', (sample) => sample(1, { queue: 'default' }))
  }
  assert.isFunction(recordings)
})
