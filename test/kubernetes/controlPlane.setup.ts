import type { TestProject } from 'vitest/node'
import { connectKubernetes } from '../../kubernetes/client/connectKubernetes.ts'
import { installPlatform } from '../../kubernetes/installPlatform.ts'
import { kubernetesBinaries } from '../../scripts/kubernetes/build.ts'
import { startControlPlane } from '../../scripts/kubernetes/controlPlane.ts'

/** What the lane runs against, or why it does not run. */
export type KubernetesLane = { kubeconfig: string; kubectl: string } | { skipped: string }

declare module 'vitest' {
  interface ProvidedContext {
    kubernetes: KubernetesLane
  }
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
  const controlPlane = await startControlPlane(binaries)
  try {
    const cluster = await connectKubernetes({ kubeconfig: controlPlane.kubeconfig })
    await installPlatform(cluster)
    await cluster.close()
  } catch (error) {
    await controlPlane.stop()
    throw error
  }
  project.provide('kubernetes', { kubeconfig: controlPlane.kubeconfig, kubectl: controlPlane.kubectl })
  return () => controlPlane.stop()
}
