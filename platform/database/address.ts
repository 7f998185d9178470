import type { SubgraphName } from '../link/protocol.ts'
import type { ConnectionOptions } from './connection.ts'

/** DATABASE_URL cannot be used; nothing has been connected. */
export class DatabaseUrlError extends Error {
  readonly code = 'DATABASE_URL_INVALID'
  readonly fix: string
  constructor(message: string, fix: string) {
    super(message)
    this.fix = fix
  }
}

const SSL_MODES: Record<string, Exclude<ConnectionOptions['ssl'], undefined>> = {
  disable: false,
  require: { rejectUnauthorized: false },
  'verify-full': true,
}
const LOOPBACK = /^(localhost|127\..*|::1)$/
const POSTGRES_PORT = 5432

/**
 * Reads postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…, or postgres:///DATABASE?host=/SOCKET/FOLDER,
 * as libpq does; but to another machine TLS is required, not preferred: whoever is on the way could turn that off.
 * @throws DatabaseUrlError
 */
export function databaseAddress(text: string): ConnectionOptions {
  // libpq lets the host be left out, a URL does not.
  const url = URL.parse(text.replace(/^(postgres(?:ql)?:\/\/(?:[^/@]*@)?)(?=[/:])/, '$1localhost'))
  if (url === null) throw unusable('It is no URL.')
  const { hostname, searchParams } = url
  const database = decodeURIComponent(url.pathname.slice(1))
  if (database === '') throw unusable('It names no database.')
  const port = Number(searchParams.get('port') ?? (url.port || POSTGRES_PORT))
  const username = decodeURIComponent(url.username) || searchParams.get('user')
  const password = decodeURIComponent(url.password)
  const host = searchParams.get('host') ?? hostname.replace(/^\[|\]$/g, '')
  const sslMode = searchParams.get('sslmode') ?? (LOOPBACK.test(host) ? 'disable' : 'require')
  const ssl = SSL_MODES[sslMode]
  if (ssl === undefined) throw unusable(`sslmode is ${sslMode}; there are ${Object.keys(SSL_MODES).join(', ')}.`)
  return {
    database,
    host,
    port,
    ...(username && { user: username }),
    ...(password && { password }),
    ...(!host.startsWith('/') && { ssl }),
  }
}

/**
 * The same database for a subgraph, as the login role that has no rights of its own.
 * @throws DatabaseUrlError where the address names another user: a role that may do more is no mistake to make silently
 */
export function subgraphAddress(text: string, subgraph: SubgraphName, password: string | undefined): ConnectionOptions {
  const address = databaseAddress(text)
  const login = `sluice_${subgraph}`
  if (address.user !== undefined && address.user !== login)
    throw new DatabaseUrlError(
      `DATABASE_URL names the user ${address.user}, and the subgraph ${subgraph} logs in as ${login}.`,
      `Leave the user out, or make it ${login}. \`sluice migrate\` is what needs an administrator.`,
    )
  return { ...address, user: login, ...(password !== undefined && { password }) }
}

function unusable(reason: string): DatabaseUrlError {
  return new DatabaseUrlError(
    `DATABASE_URL cannot be used. ${reason}`,
    'Give postgres://USER:PASSWORD@HOST:PORT/DATABASE, or postgres:///DATABASE?host=/SOCKET/FOLDER.',
  )
}
