import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesBinaries } from './build.ts'
import { freeLoopbackPorts } from './freeLoopbackPorts.ts'
import { type OwnProcess, startProcess } from './ownProcess.ts'

/** etcd, API server and, mostly, controller-manager of our own, on loopback, with nothing installed. */
export interface ControlPlane {
  /** Path of a kubeconfig for its administrator. */
  readonly kubeconfig: string
  readonly kubectl: string
  /** Resolves when a part of it ends by itself, with words for it; also after `stop`. */
  readonly ended: Promise<string>
  /** kill -9 of the API server, then another one at the same address on the same data. Resolves when that is ready. */
  restartApiServer(): Promise<void>
  /** Ends its processes and removes its data. */
  stop(): Promise<void>
}

const READY_WITHIN_MS = 60_000
/** A port that was free can be taken before etcd listens on it; other ports will do. */
const ATTEMPTS = 3

export interface ControlPlaneOptions {
  /** False: etcd and API server alone. Default true. */
  hasControllers?: boolean
  /** On top of those that every API server gets here. */
  apiServerArgs?: readonly string[]
}

/** @throws Error when it does not get ready, with the end of the output that tells why */
export async function startControlPlane(
  binaries: KubernetesBinaries,
  options: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(binaries, options)
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes('address already in use')) throw error
    }
  }
}

async function startOnce(
  binaries: KubernetesBinaries,
  { hasControllers = true, apiServerArgs: furtherArgs = [] }: ControlPlaneOptions,
): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-kubernetes-'))
  const processes = new Set<OwnProcess>()
  const ended = Promise.withResolvers<string>()
  const stop = async () => {
    await Promise.all([...processes].map((child) => child.kill()))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const [etcdPort, apiPort] = await freeLoopbackPorts(2)
    const address: Address = {
      etcd: `http://127.0.0.1:${etcdPort}`,
      server: `https://127.0.0.1:${apiPort}`,
      port: apiPort as number,
    }
    const secrets = await writeSecrets(folder)
    const start = async (name: string, executable: string, args: string[]) => {
      const child = await startProcess(name, executable, args, join(folder, `${name}.log`))
      processes.add(child)
      void child.ended.then((why) => processes.has(child) && ended.resolve(why))
      return child
    }
    const startApiServer = async () => {
      const child = await start('kube-apiserver', binaries.apiserver, [
        ...apiServerArgs(folder, address),
        ...furtherArgs,
      ])
      await firstOf([...processes], untilReady(address.server, secrets, READY_WITHIN_MS), folder)
      return child
    }

    await start('etcd', binaries.etcd, etcdArgs(folder, address))
    let apiServer = await startApiServer()
    const kubeconfig = await writeKubeconfig(folder, address.server, secrets)
    if (hasControllers)
      await start('kube-controller-manager', binaries.controllerManager, controllerManagerArgs(folder, kubeconfig))
    return {
      kubeconfig,
      kubectl: binaries.kubectl,
      ended: ended.promise,
      async restartApiServer() {
        processes.delete(apiServer)
        await apiServer.kill()
        apiServer = await startApiServer()
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Address {
  etcd: string
  server: string
  port: number
}
interface Secrets {
  token: string
  /** The API server makes its own serving certificate, whose file also holds the authority that signed it. */
  certificateFile: string
}

async function writeSecrets(folder: string): Promise<Secrets> {
  const token = randomBytes(24).toString('base64url')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await mkdir(join(folder, 'certificates'))
  await writeFile(join(folder, 'service-accounts.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), {
    mode: 0o600,
  })
  await writeFile(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 })
  return { token, certificateFile: join(folder, 'certificates', 'apiserver.crt') }
}

function etcdArgs(folder: string, address: Address): string[] {
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${address.etcd}`,
    `--advertise-client-urls=${address.etcd}`,
    // A single member has no peers, so any port will do.
    '--listen-peer-urls=http://127.0.0.1:0',
    '--unsafe-no-fsync', // its data does not outlive the process anyway
  ]
}

function apiServerArgs(folder: string, address: Address): string[] {
  const key = join(folder, 'service-accounts.key')
  return [
    `--etcd-servers=${address.etcd}`,
    `--cert-dir=${join(folder, 'certificates')}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${address.port}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    '--authorization-mode=RBAC',
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    `--service-account-issuer=${address.server}`,
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
  ]
}

function controllerManagerArgs(folder: string, kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${join(folder, 'service-accounts.key')}`,
    '--leader-elect=false',
    // As clusters are: what policies let Kubernetes' controllers do is tried on their own accounts.
    '--use-service-account-credentials=true',
    '--secure-port=0',
    // Stock limits take 26 s for a gang of 512 pods.
    '--kube-api-qps=1000',
    '--kube-api-burst=2000',
    '--concurrent-job-syncs=20',
  ]
}

async function writeKubeconfig(folder: string, server: string, { token, certificateFile }: Secrets): Promise<string> {
  const path = join(folder, 'kubeconfig')
  const certificate = (await readFile(certificateFile)).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'sluice', cluster: { server, 'certificate-authority-data': certificate } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'sluice', context: { cluster: 'sluice', user: 'admin' } }],
    'current-context': 'sluice',
  }
  await writeFile(path, JSON.stringify(config, null, 2), { mode: 0o600 }) // JSON is YAML
  return path
}

/** Waits for `ready`, but not once a process has ended: then nothing will come. */
async function firstOf(processes: readonly OwnProcess[], ready: Promise<void>, folder: string): Promise<void> {
  const early = Promise.race(processes.map((child) => child.ended.then(() => child.name)))
  const ended = await Promise.race([ready, early])
  if (typeof ended !== 'string') return
  const output = await readFile(join(folder, `${ended}.log`), 'utf8')
  throw new Error(`${ended} ended before the control plane was ready:\n${output.slice(-2_000)}`)
}

async function untilReady(server: string, secrets: Secrets, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  let answer = 'no answer'
  while (performance.now() < deadline) {
    answer = await readiness(server, secrets)
    if (answer === 'ok') return
    await sleep(50)
  }
  throw new Error(`the API server was not ready within ${withinMs / 1000} s: ${answer}`)
}

async function readiness(server: string, { token, certificateFile }: Secrets): Promise<string> {
  try {
    const ca = await readFile(certificateFile)
    return await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` }
      const asking = request(`${server}/readyz`, { ca, headers, agent: false, timeout: 1_000 }, (response) => {
        response.resume()
        response.once('end', () => resolve(response.statusCode === 200 ? 'ok' : `status ${response.statusCode}`))
      })
      asking.once('timeout', () => asking.destroy(new Error('timeout')))
      asking.once('error', reject)
      asking.end()
    })
  } catch (error) {
    return String(error) // the certificate is not written yet, or the port not open
  }
}
