import { assert, describe, expect, test } from 'vitest'
import type { WatchEvent, WatchOptions } from '../cluster.ts'
import type { Kinds } from '../objects.ts'
import { configMap } from './samples.ts'
import type { Stage } from './stage.ts'
import { refusal } from './until.ts'

export function describeReads(stage: Stage): void {
  describe('list', () => {
    test('gives pages that together are one snapshot, in order of name', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      for (const name of ['c', 'a', 'e', 'b', 'd']) await cluster.create('ConfigMap', configMap(namespace, name, own))
      const scope = { namespace, labelSelector: 'contract=own', limit: 2 }
      const pages = [await cluster.list('ConfigMap', scope)]
      await cluster.create('ConfigMap', configMap(namespace, 'too-late', own))
      for (let next = pages[0]?.continue; next !== undefined; next = pages.at(-1)?.continue) {
        pages.push(await cluster.list('ConfigMap', { ...scope, continue: next }))
      }
      expect(pages.map((page) => page.items.map(nameOf))).toEqual([['a', 'b'], ['c', 'd'], ['e']])
      assert.equal(pages.at(-1)?.resourceVersion, pages[0]?.resourceVersion)
    })

    test('refuses a continue token that is none', async () => {
      const namespace = await stage.namespace()
      assert.equal(
        await refusal(stage.cluster.list('ConfigMap', { namespace, limit: 1, continue: '!' })),
        'BAD_REQUEST',
      )
    })

    test('selects by labels: equal, and there at all', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      await cluster.create('ConfigMap', configMap(namespace, 'red', { colour: 'red', size: 'big' }))
      await cluster.create('ConfigMap', configMap(namespace, 'blue', { colour: 'blue' }))
      await cluster.create('ConfigMap', configMap(namespace, 'plain'))
      const select = async (labelSelector: string) =>
        (await cluster.list('ConfigMap', { namespace, labelSelector })).items.map(nameOf)
      expect(await select('colour=red')).toEqual(['red'])
      expect(await select('colour')).toEqual(['blue', 'red'])
      expect(await select('colour,size=big')).toEqual(['red'])
      expect(await select('colour=green')).toEqual([])
    })

    test('sees every namespace unless told one', async () => {
      const { cluster } = stage
      const namespaces = [await stage.namespace(), await stage.namespace()]
      for (const namespace of namespaces) await cluster.create('ConfigMap', configMap(namespace, 'everywhere', own))
      const { items } = await cluster.list('ConfigMap', { labelSelector: 'contract=own' })
      expect(items.map(({ metadata }) => metadata.namespace)).toEqual(expect.arrayContaining(namespaces))
    })
  })

  describe('watch', () => {
    test('tells what changed after a resourceVersion, in order, deletions included', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      await cluster.create('ConfigMap', configMap(namespace, 'before'))
      const { resourceVersion } = await cluster.list('ConfigMap', { namespace })
      const ref = { namespace, name: 'watched' }
      await cluster.create('ConfigMap', configMap(namespace, 'watched'))
      await cluster.patch('ConfigMap', ref, [{ op: 'replace', path: '/data/key', value: 'new' }])
      await cluster.delete('ConfigMap', ref)
      const events = await take(stage, 3, { namespace, resourceVersion })
      expect(events.map(summary)).toEqual(['ADDED watched value', 'MODIFIED watched new', 'DELETED watched new'])
      const versions = events.map(({ object }) => Number(object.metadata.resourceVersion))
      expect(versions).toEqual([...versions].sort((a, b) => a - b))
      assert.equal(new Set(versions).size, 3, 'a deletion is a version of its own')
    })

    test('goes on where it stopped', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const { resourceVersion } = await cluster.list('ConfigMap', { namespace })
      for (const name of ['one', 'two', 'three']) await cluster.create('ConfigMap', configMap(namespace, name))
      const [first] = await take(stage, 1, { namespace, resourceVersion })
      const rest = await take(stage, 2, { namespace, resourceVersion: first?.object.metadata.resourceVersion ?? '' })
      expect(rest.map(({ object }) => object.metadata.name)).toEqual(['two', 'three'])
    })

    test('tells what happens while it waits', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const { resourceVersion } = await cluster.list('ConfigMap', { namespace })
      const awaited = take(stage, 1, { namespace, resourceVersion })
      await cluster.create('ConfigMap', configMap(namespace, 'late'))
      expect((await awaited).map(summary)).toEqual(['ADDED late value'])
    })

    test('lets objects come and go as they enter and leave the label selection', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const { resourceVersion } = await cluster.list('ConfigMap', { namespace })
      const ref = { namespace, name: 'moving' }
      await cluster.create('ConfigMap', configMap(namespace, 'moving', { colour: 'blue' }))
      for (const value of ['red', 'blue']) {
        await cluster.patch('ConfigMap', ref, [{ op: 'replace', path: '/metadata/labels/colour', value }])
      }
      await cluster.create('ConfigMap', configMap(namespace, 'end', { colour: 'red' }))
      const events = await take(stage, 3, { namespace, labelSelector: 'colour=red', resourceVersion })
      expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
        'ADDED moving',
        'DELETED moving',
        'ADDED end',
      ])
    })

    test('is EXPIRED from a resourceVersion that is too old', async () => {
      // Of Queues: a real server has every change of the kinds it was born with, for a while, but of a
      // custom resource only what came after its definition.
      const stream = stage.cluster.watch('Queue', { resourceVersion: '1', signal: AbortSignal.timeout(20_000) })
      assert.equal(await refusal(stream[Symbol.asyncIterator]().next()), 'EXPIRED')
    })

    test('ends when its signal aborts', async () => {
      const namespace = await stage.namespace()
      const { resourceVersion } = await stage.cluster.list('ConfigMap', { namespace })
      const aborting = new AbortController()
      const stream = stage.cluster.watch('ConfigMap', { namespace, resourceVersion, signal: aborting.signal })
      const next = stream[Symbol.asyncIterator]().next()
      aborting.abort()
      assert.isTrue((await next).done)
    })
  })
}

const own = { contract: 'own' }
type ConfigMap = Kinds['ConfigMap']
type Change = Exclude<WatchEvent<ConfigMap>, { type: 'BOOKMARK' }>

async function take(stage: Stage, count: number, options: Omit<WatchOptions, 'signal'>): Promise<Change[]> {
  const changes: Change[] = []
  const signal = AbortSignal.timeout(20_000)
  for await (const event of stage.cluster.watch('ConfigMap', { ...options, signal })) {
    // Every namespace gets this one from the controller manager, whenever it comes to it.
    if (event.type === 'BOOKMARK' || event.object.metadata.name === 'kube-root-ca.crt') continue
    changes.push(event)
    if (changes.length === count) break
  }
  assert.equal(changes.length, count, 'events of the watch')
  return changes
}

function nameOf({ metadata }: ConfigMap): string | undefined {
  return metadata.name
}

function summary({ type, object }: Change): string {
  return `${type} ${object.metadata.name} ${object.data?.key}`
}
