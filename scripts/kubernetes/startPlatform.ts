import { connectKubernetes } from '../../kubernetes/client/connectKubernetes.ts'
import { installPlatform } from '../../kubernetes/installPlatform.ts'
import type { KubernetesBinaries } from './build.ts'
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './controlPlane.ts'

/** A control plane with Sluice's custom resources and admission policies in force. */
export async function startPlatform(
  binaries: KubernetesBinaries,
  options: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  const controlPlane = await startControlPlane(binaries, options)
  try {
    const cluster = await connectKubernetes({ kubeconfig: controlPlane.kubeconfig })
    await installPlatform(cluster)
    await cluster.close()
    return controlPlane
  } catch (error) {
    await controlPlane.stop()
    throw error
  }
}
