import type { Cluster } from '../../kubernetes/cluster.ts'
import { startInformer } from '../../kubernetes/informer.ts'
import { labels } from '../../kubernetes/names.ts'
import type { Job, Pod } from '../../kubernetes/objects.ts'
import { createLog } from '../../platform/log.ts'
import { until } from '../../test/testkit/until.ts'
import { startBenchCluster } from '../common/controlPlane.ts'
import { addNodes, eachOf } from '../common/nodes.ts'
import { meterProcesses } from '../common/processes.ts'
import { nodesOf, POD_SPEC, type Size } from './size.ts'
import { rateOf, watchPods } from './watchPods.ts'

const NAMESPACE = 't-bench'
const QUEUE = 'bench'
const PODS_PER_JOB = 100

/**
 * Sluice binds the pods of Jobs that it has admitted, and of each only when all are there. So its Jobs are admitted,
 * their pods made but one, and its time counts from when those that are missing begin to come.
 */
export async function bindBySluice(size: Size, profileTo: string | undefined) {
  const bench = await startBenchCluster()
  try {
    const { cluster } = bench
    await addNodes(cluster, nodesOf(size))
    const owner = { [labels.tenant]: NAMESPACE, [labels.project]: 'bench' }
    const metadata = { name: NAMESPACE, labels: owner }
    await cluster.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata })
    await cluster.create('Queue', {
      apiVersion: 'sluice.dev/v1alpha1',
      kind: 'Queue',
      metadata: { name: QUEUE },
      spec: { quotas: [] },
    })
    await bench.addDefaultAccounts([NAMESPACE])
    const watch = await watchPods(cluster, size.pods)
    const agent = await bench.startAgent(profileTo)
    const failed = agent.ended.then((why) => {
      throw new Error(why)
    })
    failed.catch(() => {})
    try {
      await until(
        'the status of the queue stands',
        async () => (await cluster.get('Queue', { name: QUEUE })).status?.conditions?.length ?? 0,
        (count) => count > 0,
      )
      const meter = await meterProcesses({ agent: agent.pid })
      const submittedMs = performance.now()
      const jobs = await admit(cluster, Math.ceil(size.pods / PODS_PER_JOB))
      const admissionSeconds = Math.round((performance.now() - submittedMs) / 10) / 100
      const pods = podsOf(jobs).slice(0, size.pods)
      const [early, late] = [pods.filter(({ isLast }) => !isLast), pods.filter(({ isLast }) => isLast)]
      await eachOf(early, ({ object }) => cluster.create('Pod', object))
      const fromMs = performance.now()
      await eachOf(late, ({ object }) => cluster.create('Pod', object))
      await Promise.race([watch.allBound, failed])
      const { cpuSeconds, peakPssMiB } = await meter.stop()
      return {
        ...rateOf(watch.boundAtMs, fromMs),
        /** Before: from the Jobs' creation until all of them were admitted, with a place for each pod. */
        admissionSeconds,
        /** With their admission and with the pods' coming. */
        cpuSeconds: cpuSeconds.agent,
        peakPssMiB: peakPssMiB.agent,
      }
    } finally {
      await agent.interrupt()
      await watch.stop()
    }
  } finally {
    await bench.stop()
  }
}

/** @returns the Jobs once all of them are admitted */
async function admit(cluster: Cluster, count: number): Promise<Job[]> {
  const admitted: Job[] = []
  const all = Promise.withResolvers<void>()
  const informer = startInformer(cluster, 'Job', { log: createLog('error') })
  await informer.synced
  informer.onChange((change) => {
    const wasWaiting = change.type !== 'MODIFIED' || change.before.spec?.suspend === true
    if (!wasWaiting || change.object.spec?.suspend !== false) return
    admitted.push(change.object)
    if (admitted.length === count) all.resolve()
  })
  const names = Array.from({ length: count }, (_, number) => `job-${number}`)
  await eachOf(names, (name) => cluster.create('Job', jobObject(name)))
  await all.promise
  await informer.stop()
  return admitted
}

function jobObject(name: string): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { namespace: NAMESPACE, name, labels: { [labels.queue]: QUEUE } },
    spec: {
      completionMode: 'Indexed',
      parallelism: PODS_PER_JOB,
      completions: PODS_PER_JOB,
      template: { spec: { ...POD_SPEC, containers: [...POD_SPEC.containers] } },
    },
  }
}

/** As the Job controller makes them. */
function podsOf(jobs: readonly Job[]): { object: Pod; isLast: boolean }[] {
  return jobs.flatMap(({ metadata, spec }) =>
    Array.from({ length: PODS_PER_JOB }, (_, index) => {
      const { name = '', uid = '' } = metadata
      const object: Pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          namespace: NAMESPACE,
          name: `${name}-${index}`,
          labels: { ...spec?.template.metadata?.labels, 'batch.kubernetes.io/job-completion-index': String(index) },
          annotations: { 'batch.kubernetes.io/job-completion-index': String(index) },
          ownerReferences: [
            { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true, blockOwnerDeletion: true },
          ],
        },
        ...(spec?.template.spec && { spec: spec.template.spec }),
      }
      return { object, isLast: index === PODS_PER_JOB - 1 }
    }),
  )
}
