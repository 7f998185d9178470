/**
 * The two Go modules that build a control plane from source. They stand apart because etcd's server
 * and Kubernetes require clashing versions of the same libraries.
 */
export interface WrapperModule {
  readonly name: string
  readonly goMod: string
  /** Go source that imports the commands, so that `go mod tidy` keeps what they need. */
  readonly tools: string
  readonly commands: readonly Command[]
  readonly ldflags: string
}
export interface Command {
  readonly binary: BinaryName
  readonly package: string
  /** A rough figure for the person who waits, measured on 2 cores with cold caches. */
  readonly coldSeconds: number
}
export type BinaryName = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kubectl'

export const KUBERNETES_VERSION = 'v1.36.3'
export const ETCD_VERSION = 'v3.6.16'

export function wrapperModules(): readonly WrapperModule[] {
  return [etcdModule(), kubernetesModule()]
}

function etcdModule(): WrapperModule {
  const commands: Command[] = [{ binary: 'etcd', package: 'go.etcd.io/etcd/server/v3', coldSeconds: 30 }]
  return {
    name: 'etcd',
    goMod: goMod('etcd', [`require go.etcd.io/etcd/server/v3 ${ETCD_VERSION}`]),
    tools: tools(commands),
    commands,
    ldflags: '-s -w',
  }
}

function kubernetesModule(): WrapperModule {
  const [major, minor, patch] = KUBERNETES_VERSION.slice(1).split('.')
  // k8s.io/kubernetes requires its staging modules at v0.0.0 and replaces them by local folders;
  // whoever imports it as a module has to name the published versions.
  const replaces = STAGING_MODULES.map((name) => `replace k8s.io/${name} => k8s.io/${name} v0.${minor}.${patch}`)
  const version = 'k8s.io/component-base/version'
  const commands: Command[] = [
    { binary: 'kube-apiserver', package: 'k8s.io/kubernetes/cmd/kube-apiserver', coldSeconds: 200 },
    { binary: 'kube-controller-manager', package: 'k8s.io/kubernetes/cmd/kube-controller-manager', coldSeconds: 50 },
    { binary: 'kube-scheduler', package: 'k8s.io/kubernetes/cmd/kube-scheduler', coldSeconds: 10 },
    { binary: 'kubectl', package: 'k8s.io/kubernetes/cmd/kubectl', coldSeconds: 25 },
  ]
  return {
    name: 'kubernetes',
    goMod: goMod('kubernetes', [`require k8s.io/kubernetes ${KUBERNETES_VERSION}`, ...replaces]),
    tools: tools(commands),
    commands,
    ldflags: [
      '-s -w',
      `-X ${version}.gitVersion=${KUBERNETES_VERSION}`,
      `-X ${version}.gitMajor=${major}`,
      `-X ${version}.gitMinor=${minor}`,
    ].join(' '),
  }
}

function goMod(name: string, lines: readonly string[]): string {
  return `module sluice.dev/build/${name}\n\ngo 1.26.0\n\n${lines.join('\n')}\n`
}

function tools(commands: readonly Command[]): string {
  // The build tag keeps Go from compiling the file: it imports main packages, which only tidy may see.
  const imports = commands.map((command) => `\t_ "${command.package}"`).join('\n')
  return `//go:build tools\n\npackage tools\n\nimport (\n${imports}\n)\n`
}

const STAGING_MODULES = [
  'api',
  'apiextensions-apiserver',
  'apimachinery',
  'apiserver',
  'cli-runtime',
  'client-go',
  'cloud-provider',
  'cluster-bootstrap',
  'code-generator',
  'component-base',
  'component-helpers',
  'controller-manager',
  'cri-api',
  'cri-client',
  'cri-streaming',
  'csi-translation-lib',
  'dynamic-resource-allocation',
  'endpointslice',
  'externaljwt',
  'kms',
  'kube-aggregator',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
  'metrics',
  'mount-utils',
  'pod-security-admission',
  'sample-apiserver',
  'sample-cli-plugin',
  'sample-controller',
  'streaming',
]
