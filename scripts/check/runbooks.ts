import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, type GraphQLSchema, parse, validate } from 'graphql'
import { alerts } from '../../dashboards/alerts/alerts.ts'
import { runbookOf } from '../../dashboards/alerts/ruleFile.ts'
import { lintExpression } from '../../dashboards/lint/lintExpression.ts'
import { PUBLIC_SCHEMA } from '../codegen/supergraph.ts'

const SECTIONS = ['## Meaning', '## Impact', '## Where to look', '## How to mend']

/** Whoever is woken finds a page with all of its sections, and what it has them type can be typed. */
export async function checkRunbooks(root: string): Promise<string[]> {
  const schema = buildSchema(readFileSync(join(root, PUBLIC_SCHEMA), 'utf8'))
  return alerts.flatMap(({ name }) => {
    const path = runbookOf(name)
    if (!existsSync(join(root, path))) return [`${path} is missing`]
    return faultsOf(readFileSync(join(root, path), 'utf8'), name, schema).map((fault) => `${path}: ${fault}`)
  })
}

/** @param text of the page */
export function faultsOf(text: string, alertName: string, schema: GraphQLSchema): string[] {
  return [
    ...[`# ${alertName}`, ...SECTIONS]
      .filter((heading) => !text.includes(`${heading}\n`))
      .map((heading) => `lacks “${heading}”`),
    ...blocksOf(text, 'promql').flatMap(lintExpression),
    ...blocksOf(text, 'graphql').flatMap((operation) =>
      validate(schema, parse(operation)).map(({ message }) => message),
    ),
  ]
}

function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) =>
    block.trim(),
  )
}
