import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type GatewayLimits, INTROSPECTION_POLICIES } from '../gateway/limits.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '../platform/link/protocol.ts'
import type { TracesTo } from '../platform/telemetry/tracing.ts'
import { USUAL_PORTS } from './ports.ts'

/** What the environment says, read once. */
export interface Settings {
  /** Everything that must survive is in this folder. */
  dataDir: string
  host: string
  /** null: the role's usual one, see bin/ports.ts. */
  port: number | null
  logLevel: string
  /** Of the ops listener: metrics and probes, for operators alone. */
  opsHost: string
  /** null: the role's usual one. */
  opsPort: number | null
  /** Where traces go by OTLP over HTTP; null: nowhere. */
  traces: TracesTo | null
  /** What differs from the gateway's own; docs/guide/limits.md has the table. */
  limits: Partial<GatewayLimits>
  /** For roles apart; what runs everything in one process needs none of it. */
  apart: ApartSettings
}

/** How roles in processes of their own find and trust each other. docs/guide/apart.md has the table. */
export interface ApartSettings {
  /** Postgres 18 or later; null: none was named. */
  databaseUrl: string | null
  /** Of the login roles; a role that is not here logs in as its address and the server's rules say. */
  databasePasswords: Partial<Record<SubgraphName, string>>
  /** Where the gateway and the other subgraphs reach each. */
  subgraphUrls: Record<SubgraphName, string>
  /** Where the agent, and clients, reach the gateway. */
  gatewayUrl: string
  /** The agent's bearer token, read anew for each request: it may be renewed while the agent runs. */
  tokenFile: string | null
  /** Signs clients' tokens, and what the roles say to each other; null: the data folder's. */
  clientSecret: Uint8Array | null
  subgraphSecret: Uint8Array | null
}

export class SettingsError extends Error {
  readonly code = 'SETTINGS_INVALID'
  readonly fix: string
  constructor(message: string, fix: string) {
    super(message)
    this.fix = fix
  }
}

/** @throws SettingsError */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    dataDir: resolve(env.SLUICE_DATA ?? '.sluice'),
    // Loopback alone: the first cut of identity has no TLS of its own.
    host: env.SLUICE_HOST ?? '127.0.0.1',
    port: portOf(env, 'SLUICE_PORT'),
    logLevel: env.SLUICE_LOG ?? 'warn',
    opsHost: env.SLUICE_OPS_HOST ?? '127.0.0.1',
    opsPort: portOf(env, 'SLUICE_OPS_PORT'),
    traces: tracesOf(env),
    limits: limitsOf(env),
    apart: {
      databaseUrl: databaseUrlOf(env),
      databasePasswords: Object.fromEntries(
        SUBGRAPH_NAMES.flatMap((name) => {
          const password = secretText(env, `SLUICE_DATABASE_PASSWORD_${name.toUpperCase()}`)
          return password === null ? [] : [[name, password]]
        }),
      ),
      subgraphUrls: Object.fromEntries(
        SUBGRAPH_NAMES.map((name) => [
          name,
          addressOf(env, `SLUICE_${name.toUpperCase()}_URL`, `http://127.0.0.1:${USUAL_PORTS[name].port}`),
        ]),
      ) as Record<SubgraphName, string>,
      gatewayUrl: addressOf(env, 'SLUICE_URL', `http://127.0.0.1:${USUAL_PORTS.gateway.port}`),
      tokenFile: env.SLUICE_TOKEN_FILE ? resolve(env.SLUICE_TOKEN_FILE) : null,
      clientSecret: secretOf(env, 'SLUICE_CLIENT_SECRET'),
      subgraphSecret: secretOf(env, 'SLUICE_SUBGRAPH_SECRET'),
    },
  }
}

/** An empty variable counts as none: that is how compose files and manifests leave one out. */
function portOf(env: NodeJS.ProcessEnv, name: string): number | null {
  if (!env[name]) return null
  const port = Number(env[name])
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new SettingsError(`${name} is ${env[name]}.`, 'Give a port from 1 to 65535, or 0 for any free one.')
}

const LIMITS = {
  SLUICE_TENANT_COST_PER_SECOND: 'tenantCostPerSecond',
  SLUICE_ANONYMOUS_REQUESTS_PER_SECOND: 'anonymousRequestsPerSecond',
  SLUICE_LINK_REQUESTS_PER_SECOND: 'linkRequestsPerSecond',
  SLUICE_SUBSCRIPTIONS: 'subscriptions',
} as const

function limitsOf(env: NodeJS.ProcessEnv): Partial<GatewayLimits> {
  const limits: Partial<GatewayLimits> = {}
  for (const [name, limit] of Object.entries(LIMITS)) {
    if (!env[name]) continue
    const value = Number(env[name])
    if (!Number.isSafeInteger(value) || value < 1)
      throw new SettingsError(`${name} is ${env[name]}.`, 'Give a whole number from 1.')
    limits[limit] = value
  }
  const policy = env.SLUICE_INTROSPECTION
  if (!policy) return limits
  const introspection = INTROSPECTION_POLICIES.find((each) => each === policy)
  if (introspection) return { ...limits, introspection }
  throw new SettingsError(`SLUICE_INTROSPECTION is ${policy}.`, `Give one of ${INTROSPECTION_POLICIES.join(', ')}.`)
}

/** The variables of OpenTelemetry: the collector or the very address for traces, and which part of them is kept. */
function tracesOf(env: NodeJS.ProcessEnv): TracesTo | null {
  const collector = env.OTEL_EXPORTER_OTLP_ENDPOINT
  const address = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (collector && `${collector.replace(/\/$/, '')}/v1/traces`)
  if (!address) return null
  const keep = Number(env.OTEL_TRACES_SAMPLER_ARG ?? 1)
  if (!(keep >= 0 && keep <= 1))
    throw new SettingsError(`OTEL_TRACES_SAMPLER_ARG is ${env.OTEL_TRACES_SAMPLER_ARG}.`, 'Give a part from 0 to 1.')
  if (URL.canParse(address) && /^https?:/.test(address)) return { url: address, keep }
  throw new SettingsError(`${address} is no address to send traces to.`, 'Give one such as http://localhost:4318.')
}

function databaseUrlOf(env: NodeJS.ProcessEnv): string | null {
  const url = secretText(env, 'DATABASE_URL')
  if (url === null || /^postgres(ql)?:/.test(url)) return url
  throw new SettingsError('DATABASE_URL is no address of a Postgres.', 'Give postgres://HOST:PORT/DATABASE.')
}

function addressOf(env: NodeJS.ProcessEnv, name: string, byDefault: string): string {
  const address = env[name] || byDefault
  if (URL.canParse(address) && /^https?:/.test(address)) return address.replace(/\/+$/, '')
  throw new SettingsError(`${name} is ${address}.`, `Give an address such as ${byDefault}.`)
}

const SECRET_BYTES = 32

function secretOf(env: NodeJS.ProcessEnv, name: string): Uint8Array | null {
  const text = secretText(env, name)
  if (text === null) return null
  const secret = Buffer.from(text, 'base64url')
  if (secret.length >= SECRET_BYTES) return secret
  throw new SettingsError(
    `${name} has fewer than ${SECRET_BYTES} bytes.`,
    `Make one with \`openssl rand -base64 ${SECRET_BYTES}\`.`,
  )
}

/** From the variable, or from the file that NAME_FILE names: what is mounted shows in no list of processes. */
function secretText(env: NodeJS.ProcessEnv, name: string): string | null {
  const path = env[`${name}_FILE`]
  if (!path) return env[name] || null
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new SettingsError(`${name}_FILE: ${(error as Error).message}.`, 'Name a file that this user may read.')
  }
}
