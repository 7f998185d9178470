import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubernetesCluster } from '../../kubernetes/client/connectKubernetes.ts'
import { annotations } from '../../kubernetes/names.ts'
import { until } from '../testkit/until.ts'
import { onRealControlPlane } from './realControlPlane.ts'

/** What a tenant may and may not change on a Job, with the roles that Kubernetes has for tenants. */
onRealControlPlane((controlPlane) => {
  let cluster: KubernetesCluster
  let namespace: string
  const tenant = { edit: `carol-${randomUUID()}`, admin: `dave-${randomUUID()}` }
  const as = (role: keyof typeof tenant, args: string[], stdin?: string) =>
    controlPlane.kubectl(['--as', tenant[role], '--namespace', namespace, ...args], stdin)

  beforeAll(async () => {
    cluster = await controlPlane.connect()
    namespace = await controlPlane.namespace(cluster, { tenantId: 'tenant_acme', projectId: 'project_edits' })
    for (const role of ['edit', 'admin'] as const) {
      const binding = ['rolebinding', role, '--clusterrole', role, '--user', tenant[role], '--namespace', namespace]
      await controlPlane.kubectl(['create', ...binding])
    }
    await until(
      'the policy acts',
      () => outcome(as('edit', ['create', '--dry-run=server', '-f', '-'], manifest({ class: 'unheard-of' }))),
      (told) => told.includes('TRAINING'),
    )
  })
  afterAll(() => cluster.close())

  function manifest({ class: jobClass = 'BATCH', extra = '' } = {}): string {
    return `{ apiVersion: batch/v1, kind: Job,
      metadata: { generateName: edited-, annotations: { ${annotations.class}: ${jobClass}${extra} } },
      spec: { parallelism: 2, completions: 2, completionMode: Indexed, activeDeadlineSeconds: 600, template: { spec: {
        restartPolicy: Never, containers: [{ name: main, image: busybox, resources: { limits: { nvidia.com/gpu: 1 } } }] } } } }`
  }
  async function created(): Promise<string> {
    return (await as('edit', ['create', '-o', 'name', '-f', '-'], manifest())).trim()
  }
  /** As the scheduler does it. */
  async function admitted(): Promise<string> {
    const job = await created()
    const patch = {
      metadata: { annotations: { [annotations.assignment]: 'where it runs', [annotations.epoch]: '1' } },
      spec: { suspend: false },
    }
    await controlPlane.kubectl(['patch', job, '--namespace', namespace, '--type', 'merge', '-p', JSON.stringify(patch)])
    return job
  }
  const change = (job: string, patch: object, role: keyof typeof tenant = 'edit') =>
    outcome(as(role, ['patch', job, '--type', 'merge', '--dry-run=server', '-p', JSON.stringify(patch)]))

  const annotated = (name: string, value: string | null) => ({ metadata: { annotations: { [name]: value } } })
  const labelled = (name: string, value: string | null) => ({ metadata: { labels: { [name]: value } } })
  const inTemplate = (spec: object) => ({ spec: { template: { spec } } })
  const main = (resources: object) => inTemplate({ containers: [{ name: 'main', image: 'busybox', resources }] })

  test('a new Job keeps who made it, whatever it claims', async () => {
    const forged = manifest({ extra: `, ${annotations.createdBy}: olga` })
    const by = await as('edit', ['create', '-f', '-', '-o', `jsonpath={.metadata.annotations}`], forged)
    expect(JSON.parse(by)).toMatchObject({ [annotations.createdBy]: tenant.edit })
  })

  test('a Job of a CronJob keeps who made the CronJob', async () => {
    await as('admin', ['create', 'cronjob', 'nightly', '--image', 'busybox', '--schedule', '0 0 1 1 *'])
    const path = 'jsonpath={.spec.jobTemplate.metadata.annotations}'
    const kept = JSON.parse(await as('edit', ['get', 'cronjob', 'nightly', '-o', path]))
    expect(kept).toEqual({ [annotations.createdBy]: tenant.admin })
    // A Job made from it by hand is its maker's.
    const byHand = ['create', 'job', 'now', '--from=cronjob/nightly', '-o', 'json']
    const { metadata, spec } = JSON.parse(await as('edit', byHand))
    expect(metadata.annotations).toMatchObject({ [annotations.createdBy]: tenant.edit })
    expect(spec.suspend).toBe(true)
    // The controller's word counts, as an administrator's does.
    const owned = { ...metadata, name: 'by-controller', annotations: kept }
    const made = await controlPlane.kubectl(
      ['create', '-o', 'json', '-f', '-'],
      JSON.stringify({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: owned,
        spec: { template: apiJob.spec.template },
      }),
    )
    expect(JSON.parse(made).metadata.annotations).toMatchObject(kept)
  })

  describe('before admission', () => {
    let job: string
    beforeAll(async () => {
      job = await created()
    })
    const allowed: Record<string, object> = {
      parallelism: { spec: { parallelism: 1 } },
      'parallelism and completions': { spec: { parallelism: 3, completions: 3 } },
      'a longer deadline': { spec: { activeDeadlineSeconds: 6_000 } },
      'no deadline': { spec: { activeDeadlineSeconds: null } },
      'more GPUs': main({ limits: { 'nvidia.com/gpu': '4' } }),
      'a node selector': inTemplate({ nodeSelector: { pool: 'h100' } }),
      'another queue': labelled('sluice.dev/queue', 'research'),
      'another class': annotated(annotations.class, 'INFERENCE'),
      'not preemptible': annotated(annotations.preemptible, 'false'),
      'fewest pods': annotated(annotations.minCount, '1'),
      'a label of its own': labelled('team', 'vision'),
    }
    for (const [what, patch] of Object.entries(allowed)) {
      test(`${what} is the tenant’s to say`, async () => expect(await change(job, patch)).toBe('allowed'))
    }

    const refused: Record<string, [object, RegExp]> = {
      'to start by itself': [{ spec: { suspend: false } }, /spec\.suspend is the scheduler’s/],
      'an assignment': [annotated(annotations.assignment, '{}'), /assignment is written by Sluice/],
      'how many it asked for': [annotated(annotations.count, '64'), /count is written by Sluice/],
      'a reason to wait': [annotated(annotations.pending, '{}'), /pending is written by Sluice/],
      'another creator': [annotated(annotations.createdBy, 'olga'), /created-by is written by Sluice/],
      'no creator': [annotated(annotations.createdBy, null), /created-by is written by Sluice/],
      'to be a job of the API': [labelled('sluice.dev/job', 'job_1'), /job is written by Sluice/],
      'devices of its pods': [
        { spec: { template: { metadata: { annotations: { [annotations.devices]: '[]' } } } } },
        /devices is written by Sluice/,
      ],
      'a class that nobody knows': [annotated(annotations.class, 'URGENT'), /none of INFERENCE, INTERACTIVE, TRAINING/],
      'a maybe for preemptible': [annotated(annotations.preemptible, 'maybe'), /none of true, false/],
      'to replace pods that still run': [{ spec: { podReplacementPolicy: 'TerminatingOrFailed' } }, /ailed/],
    }
    for (const [what, [patch, words]] of Object.entries(refused)) {
      test(`${what} is refused`, async () => expect(await change(job, patch)).toMatch(words))
    }
  })

  describe('after admission', () => {
    let job: string
    beforeAll(async () => {
      job = await admitted()
    })
    const allowed: Record<string, object> = {
      'a shorter deadline': { spec: { activeDeadlineSeconds: 60 } },
      'how long it is kept once it has finished': { spec: { ttlSecondsAfterFinished: 60 } },
      'a label of its own': labelled('team', 'vision'),
      'an annotation of its own': annotated('note', 'mine'),
    }
    for (const [what, patch] of Object.entries(allowed)) {
      test(`${what} is the tenant’s to say`, async () => expect(await change(job, patch)).toBe('allowed'))
    }

    const delete_ = /Delete the Job/
    const refused: Record<string, [object, RegExp]> = {
      'more pods': [{ spec: { parallelism: 3 } }, delete_],
      'fewer pods': [{ spec: { parallelism: 1 } }, delete_],
      'more completions': [{ spec: { parallelism: 3, completions: 3 } }, delete_],
      'a longer deadline': [{ spec: { activeDeadlineSeconds: 601 } }, /only become shorter/],
      'no deadline': [{ spec: { activeDeadlineSeconds: null } }, /only become shorter/],
      'more GPUs': [main({ limits: { 'nvidia.com/gpu': '8' } }), /immutable/],
      'another queue': [labelled('sluice.dev/queue', 'research'), delete_],
      'no queue': [labelled('sluice.dev/queue', null), delete_],
      'another class': [annotated(annotations.class, 'INFERENCE'), delete_],
      'not preemptible': [annotated(annotations.preemptible, 'false'), delete_],
      'fewest pods': [annotated(annotations.minCount, '1'), delete_],
      'another assignment': [annotated(annotations.assignment, 'elsewhere'), /assignment is written by Sluice/],
      'no assignment': [annotated(annotations.assignment, null), /assignment is written by Sluice/],
      'another epoch': [annotated(annotations.epoch, '99'), /epoch is written by Sluice/],
      'an annotation that a later Sluice may write': [annotated('sluice.dev/new', 'x'), /new is written by Sluice/],
      suspension: [{ spec: { suspend: true } }, /spec\.suspend is the scheduler’s/],
    }
    for (const [what, [patch, words]] of Object.entries(refused)) {
      test(`${what} is refused`, async () => expect(await change(job, patch)).toMatch(words))
    }

    test('the role admin may no more than edit', async () => {
      expect(await change(job, { spec: { parallelism: 3 } }, 'admin')).toMatch(delete_)
      expect(await change(job, { spec: { suspend: true } }, 'admin')).toMatch(/scheduler’s/)
    })

    test('one that the API made is changed by nobody, before admission either, and may be deleted', async () => {
      const ofApi = { ...apiJob, metadata: { namespace, ...apiJob.metadata } }
      await controlPlane.kubectl(['create', '-f', '-'], JSON.stringify(ofApi))
      for (const patch of [{ spec: { parallelism: 3 } }, labelled('sluice.dev/queue', 'research')]) {
        expect(await change('job/of-api', patch)).toMatch(/through Sluice’s API/)
      }
      expect(await change('job/of-api', labelled('sluice.dev/job', null))).toMatch(/job is written by Sluice/)
      expect(await as('edit', ['delete', 'job/of-api'])).toContain('deleted')
    })

    test('the owner may delete it', async () => {
      expect(await as('edit', ['delete', job, '--dry-run=server'])).toContain('deleted')
    })

    test('an administrator of the cluster may do all of it', async () => {
      const patch = JSON.stringify({
        spec: { suspend: true, parallelism: 1 },
        ...annotated(annotations.assignment, 'elsewhere'),
      })
      await controlPlane.kubectl(['patch', job, '-n', namespace, '--type', 'merge', '--dry-run=server', '-p', patch])
    })
  })

  test('no role of a tenant can give itself the permission to schedule', async () => {
    const role = ['create', 'role', 'scheduler', '--verb', 'schedule', '--resource', 'jobs.sluice.dev']
    expect(await outcome(as('admin', role))).toMatch(/forbidden|doesn't have a resource type/)
    const job = await created()
    const rule = `{ apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: { name: scheduler },
      rules: [{ apiGroups: [sluice.dev], resources: [jobs], verbs: [schedule] }] }`
    expect(await outcome(as('admin', ['create', '-f', '-'], rule))).toMatch(/escalat|extra|forbidden/)
    expect(await change(job, { spec: { suspend: false } }, 'admin')).toMatch(/scheduler’s/)
  })

  test('a forged decision is refused in a new Job too', async () => {
    const extra = `, ${annotations.assignment}: '{}'`
    expect(await outcome(as('edit', ['create', '-f', '-'], manifest({ extra })))).toMatch(/leave it out of a new Job/)
  })
})

const apiJob = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'of-api', labels: { 'sluice.dev/job': 'job_1', 'sluice.dev/queue': 'default' } },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } } },
}

/** `allowed`, or the words of the refusal. */
async function outcome(call: Promise<string>): Promise<string> {
  return call.then(
    () => 'allowed',
    (error: unknown) => String(error),
  )
}
