import type { Route } from './server.ts'

export function explorerRoute(_graphqlPath: string): Route {
  return ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end('<!doctype html><title>Sluice</title>')
  }
}
