import type { TestProject } from 'vitest/node'
import { connectKubernetes } from '../../kubernetes/client/connectKubernetes.ts'
import { EPOCHS } from '../../kubernetes/names.ts'
import { type KubernetesBinaries, kubernetesBinaries } from '../../scripts/kubernetes/build.ts'
import { startPlatform } from '../../scripts/kubernetes/startPlatform.ts'

/** What the lane runs against, or why it does not run. */
export type KubernetesLane = { kubeconfig: string; binaries: KubernetesBinaries } | { skipped: string }

declare module 'vitest' {
  interface ProvidedContext {
    kubernetes: KubernetesLane
  }
}

/** Tests that admit Jobs and bind pods by hand do so in epoch 1; no scheduler runs on this control plane. */
async function beginTerm(kubeconfig: string): Promise<void> {
  const cluster = await connectKubernetes({ kubeconfig })
  const metadata = { namespace: EPOCHS.namespace, name: EPOCHS.name }
  await cluster.apply('ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [EPOCHS.term]: '1' } })
  await cluster.close()
}

/** One real control plane for the lane, with the platform installed. A missing tool skips the lane, but fails CI. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const binaries = await kubernetesBinaries()
  if ('missing' in binaries) {
    const skipped = `${binaries.missing} is missing; install it: ${binaries.install}`
    if (process.env.CI === 'true') throw new Error(`The Kubernetes lane cannot run: ${skipped}`)
    process.stderr.write(`The Kubernetes lane is skipped: ${skipped}\n`)
    project.provide('kubernetes', { skipped })
    return undefined
  }
  const controlPlane = await startPlatform(binaries)
  await beginTerm(controlPlane.kubeconfig)
  project.provide('kubernetes', { kubeconfig: controlPlane.kubeconfig, binaries })
  return () => controlPlane.stop()
}
