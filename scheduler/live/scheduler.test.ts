import { afterEach, assert, describe, expect, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import { nodes, podsOf, type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

describe('a job’s way', () => {
  test('from suspended to running pods on devices, and to free devices', async () => {
    stage = await startStage()
    await stage.submit({ slots: 2, gpus: 2, runSeconds: 60 })
    await stage.settle()
    const job = await stage.job()
    assert.equal(job.spec?.suspend, false)
    assert.equal(job.metadata.annotations?.[annotations.admittedAt], '2026-01-01T00:00:00Z')
    assert.equal(job.metadata.annotations?.[annotations.epoch], '1')
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0+1', 'gpu-1/2+3'])
    const [pod] = await podsOf(stage.cluster, 'job')
    expect(JSON.parse(pod?.metadata.annotations?.[annotations.devices] ?? '')).toContainEqual({
      index: 0,
      uuid: expect.stringMatching(/^GPU-/),
      model: 'NVIDIA-H100',
      share: '1',
    })
    await stage.pass(61)
    assert.equal((await stage.job()).status?.succeeded, 2)
    assert.deepEqual(stage.scheduler.snapshot.nodes.get('gpu-1')?.usedThousandths, [0, 0, 0, 0])
  })

  test('shares of one device run side by side, and the next waits until one has ended', async () => {
    stage = await startStage({ nodes: [{ ...nodes('gpu-1')[0]!, gpuCount: 1 }] })
    await stage.submit({ name: 'a', share: '0.5', runSeconds: 60 })
    await stage.submit({ name: 'b', share: '0.25' })
    await stage.submit({ name: 'c', share: '0.5' })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('a'), ['gpu-1/0'])
    assert.deepEqual(await stage.placesOf('b'), ['gpu-1/0'])
    assert.deepEqual(await stage.placesOf('c'), [])
    assert.equal((await stage.reasonOf('c'))?.code, 'InsufficientGpus')
    await stage.pass(61)
    assert.deepEqual(await stage.placesOf('c'), ['gpu-1/0'])
    assert.isNull(await stage.reasonOf('c'))
  })
})
