import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { connectKubernetes, type KubernetesCluster } from '../../kubernetes/client/connectKubernetes.ts'
import { type Kubelet, startKubelet } from '../../kubernetes/simulated/kubelet/kubelet.ts'
import { realClock, wallClock } from '../../platform/clocks.ts'
import { createTokens } from '../../platform/identity/identity.ts'
import { loadSecrets } from '../../platform/identity/secrets.ts'
import type { ControlPlane } from '../../scripts/kubernetes/controlPlane.ts'
import { createTenant } from '../testkit/cloudTenant.ts'
import { intervalsOf } from '../testkit/intervals.ts'
import { type Program, runProgram } from '../testkit/program.ts'
import { clientOf, gpuNodesOf } from './realCloud.ts'
import { onRealControlPlane } from './realControlPlane.ts'

onRealControlPlane((controlPlane) => {
  let kubernetes: ControlPlane
  let cluster: KubernetesCluster
  let kubelet: Kubelet
  let dataDir: string
  beforeAll(async () => {
    // Directly below the folder for temporary files: the path of a Unix socket may have 107 bytes.
    dataDir = await mkdtemp(join(tmpdir(), 'sluice-'))
    kubernetes = await controlPlane.another()
    cluster = await connectKubernetes({ kubeconfig: kubernetes.kubeconfig })
    const nodes = gpuNodesOf(2)
    kubelet = startKubelet({ cluster, clock: realClock(), seed: 'program', nodes, heartbeatSeconds: 10 })
    await kubelet.ready
  })
  afterAll(async () => {
    await kubelet.stop()
    await cluster.close()
    await kubernetes.stop()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })
  const up = (...args: string[]) => startProgram(['--kubeconfig', kubernetes.kubeconfig, ...args], dataDir)

  test('sluice up --kubeconfig runs the first job on that cluster, and leaves it standing', async () => {
    const program = up()
    await program.says(/METERED/)
    await program.says(/Every interval, priced: \S+\.csv/)
    expect(kubelet.account().pods).toBe(2)
    expect((await program.interrupt()).code).toBe(0)
    await cluster.get('Namespace', { name: 't-acme-research' })
  })

  test('kill -9 of the program loses nothing, and runs and charges nothing twice (R03)', async () => {
    const before = await started(up('--no-tour'))
    const { client } = await loadSecrets(dataDir)
    const tokens = createTokens({ secret: client, audience: 'client', wall: wallClock })
    let { url } = before
    const cloud = clientOf(() => url, tokens)
    const beta = await createTenant(cloud, 'beta')
    const gang = { replicas: 2, resources: { gpu: { count: 2 } }, runSeconds: 2 }
    const ids = [await beta.submitJob(gang), await beta.submitJob(gang)]
    await beta.eventsUntil(ids[0] ?? '', 'RUNNING')
    ids.push(await beta.submitJob(gang))
    await before.program.kill()

    url = (await started(up('--no-tour'))).url
    ids.push(await beta.submitJob(gang))
    for (const id of ids) {
      const types = (await beta.eventsUntil(id, 'METERED')).map(({ type }) => type)
      expect(types.filter((type) => type !== 'REASON_CHANGED')).toEqual(WHOLE_LIFE)
    }
    const rows = await intervalsOf(cloud, beta)
    expect(new Set(rows.map(({ pod }) => pod)).size).toBe(2 * ids.length)
    const charged = rows.reduce((sum, row) => sum + Number(row.gpu_seconds), 0)
    expect(charged).toBe(Number(kubelet.account().gpuSecondsByTenant.get(beta.id)))
  })

  test('a kubeconfig that is not there is told, and nothing is started', async () => {
    const program = startProgram(['--kubeconfig', '/nowhere/kubeconfig'], dataDir)
    expect((await program.ended).code).toBe(1)
    expect(program.stderr()).toBe('There is no file /nowhere/kubeconfig.\nName a kubeconfig after --kubeconfig.\n')
  })
})

const WHOLE_LIFE = ['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED']

function startProgram(args: string[], dataDir: string): Program {
  const program = runProgram(['up', ...args], { SLUICE_DATA: dataDir, SLUICE_PORT: '0' })
  onTestFinished(() => program.kill())
  return program
}

async function started(program: Program): Promise<{ program: Program; url: string }> {
  const [, url = ''] = await program.says(/GraphQL +(http:\S+)\/graphql/)
  return { program, url }
}
