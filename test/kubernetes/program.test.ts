import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { connectKubernetes } from '../../kubernetes/client/connectKubernetes.ts'
import { startKubelet } from '../../kubernetes/simulated/kubelet/kubelet.ts'
import { realClock } from '../../platform/clocks.ts'
import { runProgram } from '../testkit/program.ts'
import { gpuNodesOf } from './realCloud.ts'
import { onRealControlPlane } from './realControlPlane.ts'

onRealControlPlane((controlPlane) => {
  test('sluice up --kubeconfig runs the first job on that cluster, and leaves it standing', async () => {
    const kubernetes = await controlPlane.another()
    onTestFinished(() => kubernetes.stop())
    const cluster = await connectKubernetes({ kubeconfig: kubernetes.kubeconfig })
    onTestFinished(() => cluster.close())
    const nodes = gpuNodesOf(1)
    const kubelet = startKubelet({ cluster, clock: realClock(), seed: 'program', nodes, heartbeatSeconds: 10 })
    onTestFinished(() => kubelet.stop())
    await kubelet.ready

    const program = startProgram(['--kubeconfig', kubernetes.kubeconfig], await dataFolder())
    await program.says(/METERED/)
    await program.says(/Every interval, priced: \S+\.csv/)
    const { items } = await cluster.list('Namespace', { labelSelector: 'sluice.dev/tenant' })
    expect(items.map(({ metadata }) => metadata.name)).toContain('t-acme-research')
    expect(kubelet.account().pods).toBe(2)
    expect((await program.interrupt()).code).toBe(0)
    await cluster.get('Namespace', { name: 't-acme-research' })
  })
})

test('a kubeconfig that is not there is told, and nothing is started', async () => {
  const program = startProgram(['--kubeconfig', '/nowhere/kubeconfig'], await dataFolder())
  expect((await program.ended).code).toBe(1)
  expect(program.stderr()).toBe('There is no file /nowhere/kubeconfig.\nName a kubeconfig after --kubeconfig.\n')
})

function startProgram(args: string[], dataDir: string): ReturnType<typeof runProgram> {
  const program = runProgram(['up', ...args], { SLUICE_DATA: dataDir, SLUICE_PORT: '0' })
  onTestFinished(() => program.kill())
  return program
}

/** Directly below the folder for temporary files: the path of a Unix socket may have 107 bytes. */
async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))
  return folder
}
