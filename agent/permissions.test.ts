import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { type Cluster, ClusterError } from '../kubernetes/cluster.ts'
import { ensurePlatform, installPlatform } from '../kubernetes/installPlatform.ts'
import { SYSTEM_NAMESPACE } from '../kubernetes/names.ts'
import { agentClusterRules, agentSystemRules, type PolicyRule } from '../kubernetes/rbac/agentRules.ts'
import { renderJob } from '../kubernetes/render/renderJob.ts'
import { gpuNode, startTestCluster } from '../kubernetes/simulated/testkit.ts'
import { wallClock } from '../platform/clocks.ts'
import { claiming, claimNodes, claimSpec, claimTemplate, createGpuClass } from '../scheduler/testkit/claims.ts'
import { createPods } from '../scheduler/testkit/groups.ts'
import { jobOf } from '../scheduler/testkit/stage.ts'
import { startAgent } from './agent.ts'
import { secretOfCluster } from './link/credentialStore.ts'
import { jobDirective, namespaceDirective, policyDirective, queueDirective } from './testkit/directives.ts'
import { fakeControlPlane } from './testkit/fakeControlPlane.ts'
import { overriding } from './testkit/overriding.ts'
import { promptTimers } from './testkit/promptTimers.ts'
import { recording } from './testkit/recording.ts'

const named = (rules: PolicyRule[], where = '') =>
  rules.flatMap(({ apiGroups: [group = ''], resources, verbs, resourceNames: [name] = [] }) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => `${verb} ${group && `${group}/`}${resource}${name ? `:${name}` : ''}${where}`),
    ),
  )

/** Each is asked for by an agent that does all it ever does; none is asked for that it has not. */
test('the agent’s account has exactly the rights that it uses', async () => {
  const { cluster, clock, whenIdle, stop } = await startTestCluster({
    startupSeconds: 1,
    nodes: [gpuNode, ...claimNodes('dra-1')],
  })
  await installPlatform(cluster)
  // Who may not change policies takes what is installed.
  const unprivileged = overriding(cluster, {
    apply: (kind, object) =>
      kind === 'Namespace' ? cluster.apply(kind, object) : Promise.reject(new ClusterError('FORBIDDEN', 'no')),
  })
  const probing = recording(unprivileged, SYSTEM_NAMESPACE)
  await ensurePlatform(probing.cluster)
  const working = recording(cluster, SYSTEM_NAMESPACE)
  const credentials = secretOfCluster(working.cluster)
  await credentials.load()
  for (const credential of ['first', 'second']) await credentials.save(credential)

  const plane = fakeControlPlane()
  const timers = promptTimers()
  const agent = await startAgent({
    cluster: working.cluster,
    clusterName: 'test',
    kubernetesVersion: 'v1.36.3',
    link: plane.link,
    clock,
    wall: wallClock,
    log: pino({ level: 'silent' }),
    tellsEvents: true,
    timers,
    random: () => 1,
  })
  onTestFinished(stop)
  const quiet = () => agent.whenQuiet({ through: plane.heads(), whenClusterIdle: whenIdle, backlog: 0 })
  plane.put('tenants', { kind: 'Namespace', key: namespaceDirective.namespace, body: namespaceDirective })
  plane.put('inventory', { kind: 'Queue', key: 'default', body: queueDirective })
  plane.put('inventory', { kind: 'SchedulingPolicy', key: 'default', body: policyDirective })
  plane.put('jobs', { kind: 'Job', key: 'job_1', body: jobDirective({ runSeconds: 5 }) })
  await createGpuClass(cluster)
  await cluster.create('ResourceClaimTemplate', claimTemplate('t', 'one', claimSpec(1)))
  await cluster.create('Job', jobOf(claiming({ template: 'one' }, { name: 'claiming', runSeconds: 5 })))
  await quiet()
  await useClaim(cluster)
  await quiet()
  await cluster.delete('Job', { namespace: namespaceDirective.namespace, name: 'reader' }, IN_BACKGROUND)
  await quiet()
  for (let next = clock.nextTimerMs(); next !== null; next = clock.nextTimerMs()) {
    clock.advanceTo(next)
    await quiet()
  }
  await drainGroup(cluster, quiet)
  plane.put('jobs', { kind: 'Job', key: 'job_1', body: null })
  plane.put('inventory', { kind: 'Queue', key: 'default', body: null })
  await quiet()
  await agent.stop()

  const policiesOnly = (asked: string) => / (scheduling|apiextensions|admissionregistration)\.k8s\.io\//.test(asked)
  const asked = [...working.asked, ...[...probing.asked].filter((each) => !policiesOnly(each))]
  // What the API server asks for beside whoever allocates.
  asked.push('patch resource.k8s.io/resourceclaims/binding')
  // After an answer that was lost, which is not played here.
  asked.push('get pods', 'get batch/jobs', 'schedule sluice.dev/jobs')
  const granted = [...named(agentClusterRules), ...named(agentSystemRules, ' in the system')]
  expect([...new Set(asked)].sort()).toEqual(granted.sort())
})

const IN_BACKGROUND = { propagationPolicy: 'Background' } as const

/** A group of another controller's pods that runs, and whose places are taken back. */
async function drainGroup(cluster: Cluster, quiet: () => Promise<unknown>): Promise<void> {
  await createPods(cluster, { name: 'group', size: 1, gpus: 1 }, 1)
  await quiet()
  await cluster.patch('Queue', { name: 'default' }, [{ op: 'add', path: '/spec/stopPolicy', value: 'HoldAndDrain' }])
  await quiet()
}

/** A tenant's Job whose claim waits for its first consumer. */
async function useClaim(cluster: Cluster): Promise<void> {
  const { namespace } = namespaceDirective
  await cluster.create('StorageClass', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'disk' },
    provisioner: 'disk.example.com',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  await cluster.create('PersistentVolumeClaim', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace, name: 'data' },
    spec: { storageClassName: 'disk' },
  })
  const job = renderJob(jobDirective({ objectName: 'reader', jobId: 'job_2' }))
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
  const template = { ...job.spec?.template, spec: { containers: [], ...job.spec?.template.spec, volumes } }
  await cluster.create('Job', { ...job, spec: { ...job.spec, template } })
}
