import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, assert, beforeEach, describe, expect, test } from 'vitest'
import { discreteClock } from '../../../platform/clocks.ts'
import type { Cluster } from '../../cluster.ts'
import { labels } from '../../names.ts'
import { EMPTY_ACCOUNT } from '../kubelet/account.ts'
import { ObjectStore } from '../store/objectStore.ts'
import { gpuNode, START_MS, startTestCluster, TENANT, testJob, UNSUSPEND } from '../testkit.ts'
import { Journal, type JournalOptions } from './journal.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-journal-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const KINDS = ['Namespace', 'Node', 'Job', 'Pod'] as const
const everything = async (cluster: Cluster) => Promise.all(KINDS.map(async (kind) => (await cluster.list(kind)).items))

describe('after a restart', () => {
  test('all objects are there as they were, and versions go on', async () => {
    const before = await startTestCluster({ journalDir: dir })
    await before.cluster.apply('Job', testJob())
    await before.cluster.delete('Namespace', { name: 'kube-public' })
    await before.settle()
    const objects = await everything(before.cluster)
    const { resourceVersion } = await before.cluster.list('Job')
    await before.stop()

    const after = await startTestCluster({ journalDir: dir })
    await after.settle()
    const restored = await everything(after.cluster)
    expect(restored.flat().filter(({ metadata }) => metadata.name !== 'kube-public')).toEqual(objects.flat())
    const created = await after.cluster.create('Job', { ...testJob(), metadata: { namespace: 't', name: 'next' } })
    assert.isAbove(Number(created.metadata.resourceVersion), Number(resourceVersion))
    await after.stop()
  })

  test('what an apply owned it still owns', async () => {
    const labelled = (labels: Record<string, string>) => ({
      ...testJob(),
      metadata: { namespace: 't', name: 'job', labels },
    })
    const before = await startTestCluster({ journalDir: dir })
    await before.cluster.apply('Job', labelled({ kept: '1', dropped: '1' }))
    await before.stop()
    const after = await startTestCluster({ journalDir: dir })
    const { metadata } = await after.cluster.apply('Job', labelled({ kept: '1' }))
    expect(metadata.labels).toEqual({ kept: '1', [labels.queue]: 'default' })
    await after.stop()
  })

  test('a running pod runs on for what is left, ends once, and the account goes on', async () => {
    const clock = discreteClock(START_MS)
    const before = await startTestCluster({ journalDir: dir, clock })
    for (const name of ['ended', 'running']) {
      const env = { SIM_RUN_SECONDS: name === 'ended' ? '10' : '100' }
      await before.cluster.apply('Job', { ...testJob({ gpus: 1, env }), metadata: { namespace: 't', name } })
      await before.cluster.patch('Job', { namespace: 't', name }, UNSUSPEND)
    }
    await before.settle()
    for (const [index, pod] of (await before.pods()).entries()) await before.bind(pod, gpuNode.name, [index])
    await before.pass(40)
    await before.stop()

    clock.advanceTo(START_MS + 70_000)
    const after = await startTestCluster({ journalDir: dir, clock })
    await after.settle()
    const running = (await after.pods()).filter(({ status }) => status?.phase === 'Running')
    assert.equal(running.length, 1)
    await after.pass(30)
    const pods = await after.pods()
    expect(pods.map(({ status }) => status?.phase)).toEqual(['Succeeded', 'Succeeded'])
    expect(pods.map(({ status }) => status?.containerStatuses?.[0]?.state?.terminated?.finishedAt)).toEqual([
      '2026-01-01T00:00:10Z',
      '2026-01-01T00:01:40Z',
    ])
    expect(after.account()).toMatchObject({ gpuSecondsByTenant: new Map([[TENANT, '110']]), pods: 2 })
    expect([...after.account().peakByDevice.values()]).toEqual([1_000, 1_000])
    await after.stop()
  })

  test('watches from before it must list again', async () => {
    const before = await startTestCluster({ journalDir: dir })
    await before.cluster.apply('Job', testJob())
    await before.stop()
    const after = await startTestCluster({ journalDir: dir })
    const stream = after.cluster.watch('Job', { resourceVersion: '1001', signal: AbortSignal.timeout(5_000) })
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'EXPIRED' })
    await after.stop()
  })
})

describe('a crash', () => {
  test('in the middle of a write loses that write and nothing else', async () => {
    const before = await startTestCluster({ journalDir: dir })
    await before.cluster.apply('Job', testJob())
    await before.settle()
    const kept = await everything(before.cluster)
    const file = join(dir, readdirSync(dir)[0] as string)
    const keptBytes = readFileSync(file).length
    await before.cluster.apply('Job', { ...testJob(), metadata: { namespace: 't', name: 'lost' } })
    await before.stop()
    const allBytes = readFileSync(file).length
    for (let cut = keptBytes; cut < allBytes; cut += 97) {
      const copy = `${dir}-copy`
      cpSync(dir, copy, { recursive: true })
      truncateSync(join(copy, readdirSync(copy)[0] as string), cut)
      const after = await startTestCluster({ journalDir: copy })
      await after.settle()
      expect(await everything(after.cluster)).toEqual(kept)
      await after.stop()
      rmSync(copy, { recursive: true })
    }
  })

  test('at any moment loses nothing that was acknowledged', async () => {
    const program = `
      import { realClock } from '${import.meta.resolve('../../../platform/clocks.ts')}'
      import { startSimulatedCluster } from '${import.meta.resolve('../startSimulatedCluster.ts')}'
      const { cluster } = await startSimulatedCluster({ clock: realClock(), nodes: [], seed: 'x', journalDir: ${JSON.stringify(dir)} })
      for (let number = 0; ; number++) {
        const names = [0, 1, 2].map((part) => 'n-' + number + '-' + part)
        await Promise.all(names.map((name) => cluster.create('Namespace', { metadata: { name } })))
        console.log(names.join('\\n'))
      }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const acknowledged: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line)
      if (acknowledged.length === 500) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const after = await startTestCluster({ journalDir: dir })
    const names = (await after.cluster.list('Namespace')).items.map(({ metadata }) => metadata.name)
    expect(names).toEqual(expect.arrayContaining(acknowledged))
    await after.stop()
  })
})

describe('the files', () => {
  const object = (name: string, bulk = 'x') => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, uid: `uid-${name}` },
    spec: { bulk: bulk.repeat(1_000) },
  })
  const open = (options: JournalOptions = {}) => {
    const { journal, restored } = Journal.open(dir, options)
    const store = new ObjectStore({ version: restored.version, historyLimit: 10 })
    for (const { kind, object, applied } of restored.objects()) store.restore(kind, object, applied)
    journal.follow(store, () => ({ ...EMPTY_ACCOUNT, pods: 7 }))
    return { journal, store, account: restored.accountState }
  }

  test('are replaced by a snapshot when they grow, and tell the same', async () => {
    const { journal, store } = open({ compactBytes: 20_000 })
    for (let round = 0; round < 100; round++) {
      store.put('Namespace', object(`n-${round % 5}`, String(round)))
      journal.flush()
      if (round % 10 === 9) await new Promise(setImmediate)
    }
    await journal.close()
    const names = readdirSync(dir)
    assert.equal(names.length, 2, names.join())
    assert.isUndefined(names.find((name) => name.includes('00000001')))
    const { journal: again, store: restored, account } = open()
    assert.equal(restored.version, store.version)
    expect([...restored.all('Namespace')]).toEqual([...store.all('Namespace')])
    assert.equal(account.pods, 7)
    await again.close()
  })

  test('a snapshot that a crash cut off does not count', async () => {
    const { journal, store } = open()
    store.put('Namespace', object('a'))
    journal.flush()
    await journal.close()
    writeFileSync(join(dir, 'snapshot-00000002.jsonl.partial'), 'half a snap')
    const { journal: again, store: restored } = open()
    assert.isDefined(restored.get('Namespace', { name: 'a' }))
    assert.isUndefined(readdirSync(dir).find((name) => name.endsWith('.partial')))
    await again.close()
  })

  test('damaged before their end are refused by name, not read as far as they go', async () => {
    const { journal, store } = open()
    for (const name of ['a', 'b', 'c']) {
      store.put('Namespace', object(name))
      journal.flush()
    }
    await journal.close()
    const file = join(dir, readdirSync(dir)[0] as string)
    const bytes = readFileSync(file)
    bytes[100] = (bytes[100] as number) ^ 1
    writeFileSync(file, bytes)
    expect(() => open()).toThrow(/journal-00000001.jsonl is damaged at byte 0/)
  })

  test('a full disk is UNAVAILABLE, leaves no half frame behind, and what it refused is kept once there is room', async () => {
    let room = 1_500
    const { journal, store } = open({
      write(file, bytes, offset) {
        if (room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        const part = Math.min(room, bytes.length - offset)
        room -= part
        writeFileSync(file, bytes.subarray(offset, offset + part))
        return part
      },
    })
    store.put('Namespace', object('a'))
    journal.flush()
    store.put('Namespace', object('b'))
    expect(() => journal.flush()).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }))
    room = 10_000
    journal.flush()
    await journal.close()
    const { journal: again, store: restored } = open()
    expect([...restored.all('Namespace')].map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
    await again.close()
  })
})
