import { assert, describe, test } from 'vitest'
import type { TraceDemand } from '../../bin/replay/trace.ts'
import { drawPods, thousandthsOf } from './draw.ts'

const pod = (name: string, gpus: number, gpuMilli = 1000): TraceDemand => {
  return { name, cpuMilli: 1000, memoryMiB: 1024, gpus, gpuMilli, models: [] }
}
const file = [pod('one', 1), pod('half', 1, 500), pod('eight', 8), pod('none', 0, 0)]
const CLUSTER = 100_000

describe('pods drawn for a packing', () => {
  test('are the same for the same seed, and others for another', () => {
    const names = (seed: number) => drawPods(file, CLUSTER, seed).map(({ name }) => name)
    assert.deepEqual(names(7), names(7))
    assert.notDeepEqual(names(7), names(8))
  })

  test('are every pod of the file once, and copies of them that are numbered', () => {
    const names = drawPods(file, CLUSTER, 1).map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const { name } of file) {
      const copies = names.filter((drawn) => drawn.startsWith(`${name}#`))
      assert.deepEqual(copies.toSorted(), copies.map((_, i) => `${name}#${i + 1}`).toSorted())
      assert.include(names, name)
    }
  })

  test('ask for at most 130 % of the cluster, and the next one would have been too much', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const demand = drawPods(file, CLUSTER, seed).reduce((sum, drawn) => sum + thousandthsOf(drawn), 0)
      assert.isAtMost(demand, 130_000)
      assert.isAbove(demand, 122_000)
    }
  })

  test('are only the file where it asks for no GPU, or for enough', () => {
    assert.sameMembers(
      drawPods([pod('none', 0, 0)], CLUSTER, 1).map(({ name }) => name),
      ['none'],
    )
    assert.lengthOf(drawPods(file, 1000, 1), file.length)
  })
})
