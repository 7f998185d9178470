import { dirname } from 'node:path'
import { connectKubernetes } from '../../kubernetes/client/connectKubernetes.ts'
import { installPlatform } from '../../kubernetes/installPlatform.ts'
import { kubernetesBinaries } from './build.ts'
import { type ControlPlane, startControlPlane } from './controlPlane.ts'
import { KUBERNETES_VERSION } from './wrapperModules.ts'

/** `npm run kubernetes`: a real control plane for a person, until Ctrl-C. */
async function main(): Promise<number> {
  const binaries = await kubernetesBinaries()
  if ('missing' in binaries) {
    console.error(`Go is needed to build Kubernetes. Install it: ${binaries.install}`)
    return 1
  }
  // Only from here is there something to stop: until then a signal just ends Node.
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolve('interrupted'))
  })
  const controlPlane = await startControlPlane(binaries)
  try {
    await install(controlPlane.kubeconfig)
    console.log(welcome(controlPlane))
    const why = await Promise.race([interrupted, controlPlane.ended])
    // Ctrl-C reaches its processes too, so that they may end first.
    if (why === 'interrupted' || (await isInterrupted(interrupted))) return 0
    console.error(why)
    return 1
  } finally {
    await controlPlane.stop()
  }
}

async function install(kubeconfig: string): Promise<void> {
  const cluster = await connectKubernetes({ kubeconfig })
  await installPlatform(cluster)
  await cluster.close()
}

function isInterrupted(interrupted: Promise<unknown>): Promise<boolean> {
  const soon = new Promise<boolean>((resolve) => setTimeout(resolve, 100, false))
  return Promise.race([interrupted.then(() => true), soon])
}

function welcome({ kubeconfig, kubectl }: ControlPlane): string {
  return `
Kubernetes ${KUBERNETES_VERSION} is ready, with Sluice's custom resources and admission policies.
It has no nodes. Its data goes when it stops: Ctrl-C.

In another terminal:
  export KUBECONFIG=${kubeconfig}
  export PATH="${dirname(kubectl)}:$PATH"

See a tenant's Job come in suspended, waiting for the scheduler:
  kubectl create namespace demo
  kubectl label namespace demo sluice.dev/tenant=demo sluice.dev/project=demo
  kubectl create job hello --namespace demo --image busybox
  kubectl get jobs --namespace demo
`
}

process.exitCode = await main()
