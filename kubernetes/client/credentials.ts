import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { ClusterError } from '../cluster.ts'

/** Where the configuration comes from: the file at `kubeconfig`, or the pod's own service account. */
export type KubernetesAccess = { kubeconfig: string } | { inCluster: true }

/** TLS material, read once: whoever renews a client certificate connects anew. */
export interface TlsOptions {
  ca?: Buffer
  cert?: Buffer
  key?: Buffer
  servername?: string
  rejectUnauthorized?: boolean
}

export interface Credentials {
  /** https://host:port */
  readonly origin: string
  /** What the server's address holds behind the host, without a slash at its end: '' or '/clusters/blue'. */
  readonly basePath: string
  readonly tls: TlsOptions
  /** Authorization and impersonation, as they are now: tokens are renewed while we run. */
  headers(): Promise<Record<string, string>>
  /** Call after a 401: the next `headers()` reads them again. */
  forget(): void
}

/** After this the plugin or token file behind them is asked again; those have caches of their own. */
const HEADERS_KEPT_MS = 10_000

/**
 * Reads configuration and credentials, which is all that @kubernetes/client-node does for us.
 * @throws ClusterError BAD_REQUEST where the configuration cannot be used, UNAUTHORIZED where credentials cannot be had
 */
export async function readCredentials(access: KubernetesAccess, nowMs: () => number): Promise<Credentials> {
  let config = await loadConfig(access)
  const { origin, basePath } = serverAddress(config)
  const { tls } = await readOptions(config)
  let kept: { headers: Promise<Record<string, string>>; untilMs: number } | undefined
  let refused = false
  async function readHeaders(): Promise<Record<string, string>> {
    // Loaded anew, because the client keeps a plugin's token without an expiry for ever.
    if (refused) config = await loadConfig(access)
    refused = false
    return (await readOptions(config)).headers
  }
  return {
    origin,
    basePath,
    tls,
    headers() {
      if (kept !== undefined && nowMs() < kept.untilMs) return kept.headers
      const headers = readHeaders()
      kept = { headers, untilMs: nowMs() + HEADERS_KEPT_MS }
      headers.catch(() => {
        kept = undefined
      })
      return headers
    },
    forget() {
      kept = undefined
      refused = true
    },
  }
}

async function loadConfig(access: KubernetesAccess): Promise<KubeConfig> {
  // Imported here because it is large, and a simulated cluster never needs it.
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  try {
    if ('kubeconfig' in access) config.loadFromFile(access.kubeconfig)
    else config.loadFromCluster()
  } catch (cause) {
    throw new ClusterError('BAD_REQUEST', `cannot read the Kubernetes configuration: ${message(cause)}`, { cause })
  }
  return config
}

function serverAddress(config: KubeConfig): { origin: string; basePath: string } {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new ClusterError('BAD_REQUEST', 'the Kubernetes configuration has no current context')
  if (cluster.proxyUrl)
    throw new ClusterError('BAD_REQUEST', 'proxy-url in the Kubernetes configuration is not supported')
  const url = new URL(cluster.server)
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, '') }
}

async function readOptions(config: KubeConfig): Promise<{ tls: TlsOptions; headers: Record<string, string> }> {
  const options: RequestOptions & TlsOptions = {}
  try {
    await config.applyToHTTPSOptions(options)
  } catch (cause) {
    throw new ClusterError('UNAUTHORIZED', `cannot get credentials: ${message(cause)}`, { cause })
  }
  const { ca, cert, key, servername, rejectUnauthorized, auth } = options
  return {
    tls: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(servername !== undefined && { servername }),
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    },
    headers: {
      ...(options.headers as Record<string, string> | undefined),
      ...(typeof auth === 'string' && { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` }),
    },
  }
}

function message(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
