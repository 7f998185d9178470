import { pino } from 'pino'
import { assert, describe, expect, onTestFinished, test } from 'vitest'
import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import { startInformer } from '../../kubernetes/informer.ts'
import { labels } from '../../kubernetes/names.ts'
import { startTestCluster, testJob } from '../../kubernetes/simulated/testkit.ts'
import type { Directive, JobDirective } from '../../platform/link/protocol.ts'
import { jobDirective, namespaceDirective, queueDirective } from '../testkit/directives.ts'
import { applyDirective } from './applyDirective.ts'
import { jobObjects } from './jobObjects.ts'

/** Applies directives as an agent does that has just started: it knows what is in the cluster, and nothing else. */
async function start(prepare: (cluster: Cluster) => Promise<unknown> = async () => {}) {
  const { cluster, settle, stop } = await startTestCluster()
  onTestFinished(stop)
  await prepare(cluster)
  const jobs = startInformer(cluster, 'Job', { log: pino({ level: 'silent' }) })
  onTestFinished(() => jobs.stop())
  await jobs.synced
  const objects = jobObjects(jobs)
  return {
    cluster,
    settle,
    apply: (directive: Omit<Directive, 'position'>) =>
      applyDirective(cluster, { ...directive, position: '1.1' } as Directive, objects),
  }
}

const DELETE_JOB = { kind: 'Job', key: 'job_1', body: null } as const
const isThere = async (cluster: Cluster, namespace: string, name: string) =>
  (await cluster.list('Job', { namespace })).items.some(({ metadata }) => metadata.name === name)
const claiming = (name: string) => {
  const job = testJob()
  return { ...job, metadata: { ...job.metadata, name, labels: { [labels.job]: 'job_1' } } }
}

describe('a directive', () => {
  test('makes a namespace that proves whose it is, and never deletes one', async () => {
    const { cluster, apply } = await start()
    await apply({ kind: 'Namespace', key: 't-acme-research', body: namespaceDirective })
    await apply({ kind: 'Namespace', key: 't-acme-research', body: null })
    const { metadata } = await cluster.get('Namespace', { name: 't-acme-research' })
    expect(metadata.labels).toMatchObject({ [labels.tenant]: 'tenant_acme', [labels.project]: 'project_research' })
  })

  test('makes, changes and deletes a queue', async () => {
    const { cluster, apply } = await start()
    await apply({ kind: 'Queue', key: 'default', body: queueDirective })
    await apply({ kind: 'Queue', key: 'default', body: { ...queueDirective, weight: '3' } })
    assert.equal((await cluster.get('Queue', { name: 'default' })).spec.weight, '3')
    await apply({ kind: 'Queue', key: 'default', body: null })
    assert.isEmpty((await cluster.list('Queue')).items)
  })

  test('removes the very Job that it means, and not another one by its name', async () => {
    const { cluster, apply } = await start(async (prepared) => prepared.create('Job', testJob()))
    const [job] = (await cluster.list('Job')).items
    const { namespace = '', name = '', uid = '' } = job?.metadata ?? {}
    const removal = (of: string) => ({ kind: 'JobRemoval', key: 'job_1', body: { namespace, name, uid: of } }) as const
    await apply(removal('another'))
    assert.isTrue(await isThere(cluster, namespace, name))
    await apply({ kind: 'JobRemoval', key: 'job_1', body: null })
    assert.isTrue(await isThere(cluster, namespace, name))
    await apply(removal(uid))
    await apply(removal(uid))
    assert.isFalse(await isThere(cluster, namespace, name))
  })

  test('makes a Job, and applied again leaves alone what the scheduler has made of it', async () => {
    const { cluster, apply } = await start()
    const directive = { kind: 'Job', key: 'job_1', body: jobDirective({ namespace: 't' }) } as const
    await apply(directive)
    const ref = { namespace: 't', name: 'train-1' }
    await cluster.patch('Job', ref, [{ op: 'add', path: '/spec/suspend', value: true }])
    await apply(directive)
    assert.isTrue((await cluster.get('Job', ref)).spec?.suspend)
  })

  test('applied again leaves an elastic Job as large as the scheduler has made it', async () => {
    const { cluster, apply } = await start()
    const body = jobDirective({ namespace: 't', replicas: 4, minCount: 1 })
    await apply({ kind: 'Job', key: 'job_1', body })
    const ref = { namespace: 't', name: 'train-1' }
    await cluster.patch('Job', ref, [
      { op: 'replace', path: '/spec/parallelism', value: 2 },
      { op: 'replace', path: '/spec/completions', value: 2 },
    ])
    await apply({ kind: 'Job', key: 'job_1', body })
    expect((await cluster.get('Job', ref)).spec).toMatchObject({ parallelism: 2, completions: 2 })
  })

  test('for a Job whose namespace is not there yet is refused, and can be tried again', async () => {
    const { apply } = await start()
    const error = await apply({ kind: 'Job', key: 'job_1', body: jobDirective({ namespace: 'later' }) }).catch((e) => e)
    assert.instanceOf(error, ClusterError)
    assert.equal(error.code, 'NOT_FOUND')
  })
})

describe('a directive to delete a Job', () => {
  test('deletes what this agent has applied, at once', async () => {
    const { cluster, apply, settle } = await start()
    await apply({ kind: 'Job', key: 'job_1', body: jobDirective({ namespace: 't' }) })
    await apply(DELETE_JOB)
    await settle()
    assert.isFalse(await isThere(cluster, 't', 'train-1'))
  })

  test('deletes what an earlier agent has applied', async () => {
    const { cluster, apply, settle } = await start((cluster) => cluster.create('Job', claiming('train-1')))
    await apply(DELETE_JOB)
    await settle()
    assert.isFalse(await isThere(cluster, 't', 'train-1'))
  })

  test('is not led astray by a forged label: all that claim to be the job go, the forger’s own too', async () => {
    const { cluster, apply, settle } = await start(async (cluster) => {
      await cluster.create('Job', claiming('train-1'))
      await cluster.create('Job', claiming('forged'))
    })
    await apply(DELETE_JOB)
    await settle()
    assert.isFalse(await isThere(cluster, 't', 'train-1'))
    assert.isFalse(await isThere(cluster, 't', 'forged'))
  })

  test('leaves a forger alone where this agent knows the Job itself', async () => {
    const { cluster, apply, settle } = await start((cluster) => cluster.create('Job', claiming('other')))
    await apply({ kind: 'Job', key: 'job_1', body: jobDirective({ namespace: 't' }) })
    await apply(DELETE_JOB)
    await settle()
    assert.isTrue(await isThere(cluster, 't', 'other'))
    assert.isFalse(await isThere(cluster, 't', 'train-1'))
  })

  test('of which there is none is done', async () => {
    const { apply } = await start()
    await apply(DELETE_JOB)
    await apply({ kind: 'Queue', key: 'none', body: null })
  })

  test('whose Job somebody else has deleted is done', async () => {
    const { cluster, apply, settle } = await start()
    const body: JobDirective = jobDirective({ namespace: 't' })
    await apply({ kind: 'Job', key: 'job_1', body })
    await cluster.delete('Job', { namespace: 't', name: body.objectName }, { propagationPolicy: 'Background' })
    await settle()
    await apply(DELETE_JOB)
  })
})
