import { expect, test } from 'vitest'
import { readSettings } from '../../bin/settings.ts'
import { agent } from './agent.ts'
import { controlPlane } from './controlPlane.ts'
import type { Manifest } from './manifest.ts'

interface Container {
  args: string[]
  env: { name: string; value?: string }[]
  volumeMounts: { name: string; mountPath: string }[]
}
interface PodSpec {
  containers: Container[]
  volumes: { name: string; secret?: { items: { path: string }[] } }[]
}

const all = [...controlPlane, ...agent]
const pods = all.flatMap(({ kind, metadata: { name }, spec }) => {
  const { template } = (spec ?? {}) as { template?: { spec: PodSpec } }
  return template ? [{ role: `${kind} ${name}`, spec: template.spec }] : []
})

test('every role has its pods', () => {
  expect(pods.map(({ role }) => role).sort()).toEqual([
    'Deployment agent',
    'Deployment gateway',
    'Deployment inventory',
    'Deployment jobs',
    'Deployment metering',
    'Deployment tenants',
    'Job migrate',
  ])
})

test.for(pods)('$role sets no variable that the program does not read', ({ spec: { containers } }) => {
  const read = new Set<string>()
  readSettings(
    new Proxy({} as NodeJS.ProcessEnv, {
      get: (_, name) => {
        read.add(String(name))
        return undefined
      },
    }),
  )
  for (const { args, env } of containers) {
    const expanded = (name: string) => args.includes(`$(${name})`)
    expect(env.map(({ name }) => name).filter((name) => !read.has(name) && !expanded(name))).toEqual([])
  }
})

test.for(pods)('$role finds each file that it is told of', ({ spec: { containers, volumes } }) => {
  for (const { env, volumeMounts } of containers) {
    const files = volumeMounts.flatMap(({ name, mountPath }) => {
      const items = volumes.find((volume) => volume.name === name)?.secret?.items ?? []
      return items.map(({ path }) => `${mountPath}/${path}`)
    })
    const told = env.flatMap(({ name, value }) => (name.endsWith('_FILE') ? [value] : []))
    expect(told.sort()).toEqual(files.sort())
  }
})

test('a subgraph is given no other one’s password, and nothing that signs for clients', () => {
  const told = JSON.stringify(pods.find(({ role }) => role === 'Deployment jobs')?.spec)
  expect(told).toContain('database-password-jobs')
  for (const secret of ['database-password-metering', 'client-secret', 'owner-database-url'])
    expect(told).not.toContain(secret)
})

test('whatever serves may lose a node: two replicas, a budget, probes', () => {
  const named = (kind: string) => all.filter((each) => each.kind === kind).map(({ metadata }) => metadata.name)
  expect(named('PodDisruptionBudget').sort()).toEqual(named('Deployment').sort())
  for (const deployment of all.filter(isDeployment)) {
    expect(deployment.spec.replicas).toBe(2)
    expect(deployment.spec.template.spec.containers[0]).toMatchObject({
      readinessProbe: { httpGet: { path: '/readyz' } },
      livenessProbe: { httpGet: { path: '/healthz' } },
    })
  }
})

function isDeployment(
  manifest: Manifest,
): manifest is Manifest & { spec: { replicas: number; template: { spec: PodSpec } } } {
  return manifest.kind === 'Deployment'
}
