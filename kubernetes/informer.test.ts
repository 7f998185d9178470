import { pino } from 'pino'
import { assert, describe, test } from 'vitest'
import type { Timers } from '../platform/timers.ts'
import { type Cluster, ClusterError, type Page, type WatchEvent } from './cluster.ts'
import { startInformer } from './informer.ts'
import type { Namespace } from './objects.ts'

const log = pino({ level: 'silent' })

describe('an informer', () => {
  test('lists in pages, is synced after the last one, and then follows the watch from there', async () => {
    const cluster = scripted([
      { page: { items: [namespace('a', '1')], resourceVersion: '9', continue: 'more' } },
      { page: { items: [namespace('b', '2')], resourceVersion: '9' } },
      {
        watch: [
          { type: 'ADDED', object: namespace('c', '10') },
          { type: 'DELETED', object: namespace('a', '11') },
        ],
      },
    ])
    const informer = startInformer(cluster, 'Namespace', { log, timers: immediate() })
    await informer.synced
    await cluster.exhausted
    assert.deepEqual(names(informer.items()), ['b', 'c'])
    assert.equal(informer.lastResourceVersion, '11')
    assert.deepEqual(cluster.calls, ['list', 'list more', 'watch 9', 'watch 11'])
    await informer.stop()
  })

  test('tells a late handler of everything known, and every handler of each change with what was before', async () => {
    const cluster = scripted([
      { page: { items: [namespace('a', '1')], resourceVersion: '1' } },
      { watch: [{ type: 'MODIFIED', object: namespace('a', '2') }] },
    ])
    const informer = startInformer(cluster, 'Namespace', { log, timers: immediate() })
    const seen: string[] = []
    await informer.synced
    informer.onChange((change) => {
      const before = change.type === 'MODIFIED' ? ` after ${change.before.metadata.resourceVersion}` : ''
      seen.push(`${change.type} ${change.object.metadata.resourceVersion}${before}`)
    })
    await cluster.exhausted
    assert.deepEqual(seen, ['ADDED 1', 'MODIFIED 2 after 1'])
    await informer.stop()
  })

  test('lists again when its resourceVersion has expired, and reports what went and what came meanwhile (R09)', async () => {
    const cluster = scripted([
      { page: { items: [namespace('gone', '1'), namespace('kept', '2')], resourceVersion: '2' } },
      { fail: new ClusterError('EXPIRED', 'too old') },
      { page: { items: [namespace('kept', '2'), namespace('new', '8')], resourceVersion: '9' } },
    ])
    const informer = startInformer(cluster, 'Namespace', { log, timers: immediate() })
    const seen: string[] = []
    informer.onChange((change) => seen.push(`${change.type} ${change.object.metadata.name}`))
    await cluster.exhausted
    assert.deepEqual(seen, ['ADDED gone', 'ADDED kept', 'ADDED new', 'DELETED gone'])
    assert.deepEqual(names(informer.items()), ['kept', 'new'])
    await informer.stop()
  })

  test('shows an object that took over a name as one that went and one that came', async () => {
    const cluster = scripted([
      { page: { items: [namespace('a', '1', 'first')], resourceVersion: '1' } },
      { watch: [{ type: 'MODIFIED', object: namespace('a', '5', 'second') }] },
    ])
    const informer = startInformer(cluster, 'Namespace', { log, timers: immediate() })
    const seen: string[] = []
    informer.onChange((change) => seen.push(`${change.type} ${change.object.metadata.uid}`))
    await cluster.exhausted
    assert.deepEqual(seen, ['ADDED first', 'DELETED first', 'ADDED second'])
    await informer.stop()
  })

  test('waits longer after each failure in a row, and from the start again once something came (R09)', async () => {
    const unavailable = { fail: new ClusterError('UNAVAILABLE', 'connection refused') }
    const cluster = scripted([
      unavailable,
      unavailable,
      unavailable,
      { page: { items: [], resourceVersion: '3' } },
      { watch: [{ type: 'ADDED', object: namespace('a', '4') }] },
      unavailable,
    ])
    const timers = immediate()
    const informer = startInformer(cluster, 'Namespace', { log, timers, random: () => 1 })
    await cluster.exhausted
    assert.deepEqual(timers.delays, [100, 200, 400, 100])
    await informer.stop()
  })

  test('is current from its first list on, and no longer from a failure until something comes again', async () => {
    const cluster = scripted([
      { fail: new ClusterError('UNAVAILABLE', 'not yet') },
      { page: { items: [], resourceVersion: '1' } },
      { fail: new ClusterError('UNAVAILABLE', 'connection reset') },
      { fail: new ClusterError('UNAVAILABLE', 'connection refused') },
      { watch: [{ type: 'ADDED', object: namespace('a', '2') }] },
    ])
    const seen: boolean[] = []
    const timers = immediate()
    const informer = startInformer(cluster, 'Namespace', {
      log,
      timers: {
        after(delayMs, run) {
          seen.push(informer.isCurrent)
          return timers.after(delayMs, run)
        },
      },
    })
    await informer.synced
    seen.push(informer.isCurrent)
    await cluster.exhausted
    seen.push(informer.isCurrent)
    assert.deepEqual(seen, [false, true, false, true])
    await informer.stop()
  })

  test('stops while it waits to try again', async () => {
    const cluster = scripted([{ fail: new ClusterError('FORBIDDEN', 'no') }])
    const { promise: waiting, resolve } = Promise.withResolvers<void>()
    const never: Timers = {
      after() {
        resolve()
        return () => undefined
      },
    }
    const informer = startInformer(cluster, 'Namespace', { log, timers: never })
    await waiting
    await informer.stop()
    assert.equal(informer.size, 0)
  })
})

type Step = { page: Page<Namespace> } | { watch: WatchEvent<Namespace>[] } | { fail: ClusterError }

/** Answers each list or watch with the next step; after the last one a watch stays silent. */
function scripted(steps: Step[]): Cluster & { calls: string[]; exhausted: Promise<void> } {
  const calls: string[] = []
  const { promise: exhausted, resolve } = Promise.withResolvers<void>()
  const next = () => {
    const step = steps.shift()
    if (step !== undefined && 'fail' in step) throw step.fail
    return step
  }
  const cluster = {
    async list(_kind: string, options: { continue?: string }) {
      calls.push(options.continue === undefined ? 'list' : `list ${options.continue}`)
      const step = next()
      assert.ok(step !== undefined && 'page' in step)
      return step.page
    },
    async *watch(_kind: string, options: { resourceVersion: string; signal: AbortSignal }) {
      calls.push(`watch ${options.resourceVersion}`)
      const step = next()
      if (step !== undefined && 'watch' in step) {
        yield* step.watch
        return
      }
      assert.equal(step, undefined)
      resolve()
      await new Promise((aborted) => options.signal.addEventListener('abort', aborted))
    },
  }
  return Object.assign(cluster as unknown as Cluster, { calls, exhausted })
}

/** Timers that run in the next turn and remember what was asked of them. */
function immediate(): Timers & { delays: number[] } {
  const delays: number[] = []
  return {
    delays,
    after(delayMs, run) {
      delays.push(delayMs)
      const timer = setImmediate(run)
      return () => clearImmediate(timer)
    },
  }
}

function namespace(name: string, resourceVersion: string, uid = name): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid, resourceVersion } }
}

function names(items: Iterable<Namespace>): string[] {
  return [...items].map((item) => item.metadata.name ?? '').sort()
}
