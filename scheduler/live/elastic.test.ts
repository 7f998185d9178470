import { afterEach, assert, describe, expect, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import { type FaultyCluster, lostReply, refusedWith } from '../testkit/faults.ts'
import { faultyStage, type JobWish, jobOf, nodes, podsOf, type Stage } from '../testkit/stage.ts'
import { readJob } from './readJob.ts'

let stage: Stage
let faults: FaultyCluster
afterEach(() => stage?.stop())

/** Nodes with four GPUs each. */
async function startWith(...names: string[]): Promise<void> {
  ;({ stage, faults } = await faultyStage({ nodes: nodes(...names) }))
}

const elastic = (wish: JobWish & { least: number }) =>
  stage.submit({ gpus: 1, ...wish, annotations: { [annotations.minCount]: String(wish.least) } })
const jobNamed = (name: string) => stage.job({ namespace: 't', name })
async function sizeOf(name: string) {
  const { metadata, spec } = await jobNamed(name)
  const { parallelism, completions } = spec ?? {}
  assert.equal(parallelism, completions)
  return { pods: parallelism, asked: metadata.annotations?.[annotations.count] ?? null }
}
const remove = (name: string) =>
  stage.cluster.delete('Job', { namespace: 't', name }, { propagationPolicy: 'Background' })

describe('an elastic Job', () => {
  test('that finds room for all its pods is left as it is', async () => {
    await startWith('gpu-1')
    await elastic({ slots: 3, least: 1 })
    await stage.settle()
    expect(await sizeOf('job')).toEqual({ pods: 3, asked: null })
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0', 'gpu-1/1', 'gpu-1/2'])
  })

  test('that does not starts with as many as there is room for, and keeps what it asked for', async () => {
    await startWith('gpu-1')
    await elastic({ slots: 8, least: 2 })
    await stage.settle()
    expect(await sizeOf('job')).toEqual({ pods: 4, asked: '8' })
    assert.equal((await stage.placesOf('job')).length, 4)
  })

  test('waits where not even its fewest pods fit', async () => {
    await startWith('gpu-1')
    await elastic({ slots: 8, least: 5 })
    await stage.settle()
    expect(await stage.reasonOf('job')).toMatchObject({ code: 'GangLargerThanCluster', message: /at least 5 of its 8/ })
  })

  const refused: Record<string, [Partial<JobWish>, string, RegExp]> = {
    'with no number': [{}, 'two', /no whole number from 1 to 3/],
    'with none at all': [{}, '0', /no whole number/],
    'with more than it has pods': [{}, '4', /no whole number from 1 to 3/],
    'that is not Indexed': [{ spec: { completionMode: 'NonIndexed' } }, '1', /no Indexed Job/],
    'in waves': [{ spec: { parallelism: 2 } }, '1', /as many completions as pods/],
  }
  for (const [what, [wish, least, words]] of Object.entries(refused)) {
    test(`${what} is told what to do`, async () => {
      await startWith('gpu-1')
      await stage.submit({ slots: 3, gpus: 1, ...wish, annotations: { [annotations.minCount]: least } })
      await stage.settle()
      const reason = await stage.reasonOf('job')
      expect(reason).toMatchObject({ code: 'InvalidRequest' })
      assert.match(reason?.message ?? '', words)
    })
  }

  test('asks for all its pods again when it is stopped', async () => {
    await startWith('gpu-1')
    await elastic({ slots: 8, least: 2 })
    await stage.settle()
    await stage.submit({ name: 'urgent', slots: 1, gpus: 4, annotations: { [annotations.class]: 'INFERENCE' } })
    await stage.settle()
    const { spec, metadata } = await jobNamed('job')
    assert.isTrue(spec?.suspend)
    expect([spec?.parallelism, spec?.completions]).toEqual([8, 8])
    expect(metadata.annotations).not.toHaveProperty(annotations.count)
    await remove('urgent')
    await stage.pass(1)
    expect(await sizeOf('job')).toEqual({ pods: 4, asked: '8' })
  })

  test('that is read anew by another scheduler is what it was', async () => {
    await startWith('gpu-1')
    await elastic({ slots: 8, least: 2 })
    await stage.settle()
    const before = await jobNamed('job')
    await stage.restartScheduler()
    await stage.settle()
    assert.deepEqual(await jobNamed('job'), before)
  })
})

test('what stands where a Job should tell how it has grown may be anything', () => {
  const admission = { [annotations.assignment]: '{"v":1,"flavor":"f","nodes":["n"],"runs":[[0,1,1,""]]}' }
  const told = { ...admission, [annotations.admittedAt]: '2026-01-01T00:00:00Z', [annotations.epoch]: '1' }
  for (const text of ['', 'null', '7', '{"steps":7}', '{"steps":[null,7,{"from":"1"},{"from":1,"at":"soon"}]}']) {
    const read = readJob(jobOf({ annotations: { ...told, [annotations.grown]: text } }), null)
    assert.isNotNull(read.admission)
    assert.isUndefined(read.admission?.grown)
  }
})

describe('an elastic Job that runs with fewer pods than it asked for', () => {
  async function startSmall(least = 2): Promise<void> {
    await startWith('gpu-1')
    await stage.submit({ name: 'other', gpus: 2 })
    await stage.settle()
    await elastic({ slots: 4, least })
    await stage.settle()
    expect(await sizeOf('job')).toEqual({ pods: 2, asked: '4' })
  }
  const uids = async () => new Set((await podsOf(stage.cluster, 'job')).map(({ metadata }) => metadata.uid))

  test('grows when there is room, and those that run stay where they are', async () => {
    await startSmall()
    const before = await uids()
    const places = await stage.placesOf('job')
    await remove('other')
    await stage.settle()
    expect(await sizeOf('job')).toEqual({ pods: 4, asked: null })
    const now = await stage.placesOf('job')
    assert.deepEqual(now.slice(0, 2), places)
    assert.equal(new Set(now).size, 4)
    assert.isTrue(before.isSubsetOf(await uids()))
  })

  test('holds what it was given from then on, and not since its admission', async () => {
    await startSmall()
    await stage.pass(100)
    await remove('other')
    await stage.settle()
    const since = (await podsOf(stage.cluster, 'job')).map(
      ({ metadata }) => metadata.annotations?.[annotations.admittedAt] ?? '',
    )
    const [first, , third] = since.toSorted()
    assert.equal(Date.parse(third ?? '') - Date.parse(first ?? ''), 100_000)
  })

  test('comes after whoever waits', async () => {
    await startSmall()
    await stage.submit({ name: 'next', gpus: 2 })
    await stage.settle()
    await remove('other')
    await stage.settle()
    expect(await sizeOf('job')).toEqual({ pods: 2, asked: '4' })
    assert.equal((await stage.placesOf('next')).length, 1)
  })

  test('grows once where the answer is lost', async () => {
    await startSmall()
    faults.next('patch', lostReply, 'Job')
    await remove('other')
    await stage.settle()
    expect(await sizeOf('job')).toEqual({ pods: 4, asked: null })
    assert.equal(new Set(await stage.placesOf('job')).size, 4)
  })

  test('grows a moment later where it was changed meanwhile', async () => {
    await startSmall()
    faults.next('patch', refusedWith('CONFLICT'), 'Job')
    await remove('other')
    await stage.settle()
    assert.equal(new Set(await stage.placesOf('job')).size, 4)
  })

  test('has those of its further pods bound that are there, without the others', async () => {
    await startSmall()
    const metadata = { namespace: 't', name: 'three-pods' }
    const spec = { hard: { pods: '3' } }
    await stage.cluster.create('ResourceQuota', { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec })
    await remove('other')
    await stage.settle()
    assert.equal((await stage.placesOf('job')).length, 3)
    await stage.pass(120)
    expect(await sizeOf('job')).toEqual({ pods: 3, asked: '4' })
  })

  test('gives back what its pods do not come for, and tries again later', async () => {
    await startSmall()
    const hard = { pods: '2' }
    const metadata = { namespace: 't', name: 'two-pods' }
    await stage.cluster.create('ResourceQuota', { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard } })
    await remove('other')
    await stage.settle()
    expect(await sizeOf('job')).toEqual({ pods: 4, asked: null })
    await stage.pass(120)
    expect(await sizeOf('job')).toEqual({ pods: 2, asked: '4' })
    assert.equal((await stage.placesOf('job')).length, 2)
    assert.isFalse((await jobNamed('job')).spec?.suspend)
    expect(stage.scheduler.snapshot.running.size).toBe(1)
    await stage.cluster.delete('ResourceQuota', metadata)
    await stage.pass(600)
    assert.equal((await stage.placesOf('job')).length, 4)
  })

  test('is bound by the next scheduler where the one that decided was killed', async () => {
    await startSmall()
    faults.always('bind', () => new Promise(() => undefined))
    await remove('other')
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
    await stage.restartScheduler()
    await stage.settle()
    expect(await sizeOf('job')).toEqual({ pods: 4, asked: null })
    assert.equal(new Set(await stage.placesOf('job')).size, 4)
  })

  test('that has grown asks for all of it again when it is stopped', async () => {
    await startSmall()
    await remove('other')
    await stage.settle()
    await stage.submit({ name: 'urgent', slots: 1, gpus: 4, annotations: { [annotations.class]: 'INFERENCE' } })
    await stage.settle()
    const { spec, metadata } = await jobNamed('job')
    expect([spec?.suspend, spec?.parallelism]).toEqual([true, 4])
    expect(metadata.annotations).not.toHaveProperty(annotations.grown)
  })
})
