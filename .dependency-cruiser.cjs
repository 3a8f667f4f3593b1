/** Imports run one way (docs/architecture.md): what must travel to the right is an event. */
const LAYERS = [
  ['kernel'],
  ['contracts', 'tracing'],
  ['kube'],
  ['engine', 'decision'],
  ['formats', 'judging'],
  ['platform'],
  ['audit', 'tenancy'],
  ['fleet', 'policies'],
  ['enforcement'],
  ['evaluation'],
  ['compliance'],
  ['git', 'notifications'],
];

/** A library may import those of the layers before its own. */
const layered = LAYERS.flatMap((names, level) =>
  names.map((name) => ({
    name: `direction-${name}`,
    comment: `#${name} imports only what stands to its left`,
    severity: 'error',
    from: { path: `^libs/${name}/` },
    to: { path: '^libs/', pathNot: `^libs/(${[name, ...LAYERS.slice(0, level).flat()].join('|')}|testing)/` },
  })),
);

module.exports = {
  forbidden: [
    ...layered,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'by-name-alone',
      comment: 'a library is imported by its name, never by a path into it',
      severity: 'error',
      from: { path: '^(apps|test|bench|migrations)/' },
      to: { path: '^libs/[^/]+/src/(?!index\\.ts$)' },
    },
    {
      name: 'by-name-alone-between-libraries',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/(?!index\\.ts$)', pathNot: '^libs/$1/' },
    },
    {
      name: 'agent-and-cli-stand-alone',
      comment: 'they run where there is no database',
      severity: 'error',
      from: { path: '^apps/(agent|cli)/' },
      to: {
        path: '^libs/(platform|audit|tenancy|fleet|policies|enforcement|evaluation|compliance|git|notifications)/',
      },
    },
    {
      name: 'kernel-has-no-framework',
      severity: 'error',
      from: { path: '^libs/kernel/', pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules/(@nestjs|typeorm|pg|bullmq|zod)' },
    },
    {
      name: 'one-door-to-tenant-data',
      comment: 'rows are reached through db.run alone (T4)',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '^libs/(platform|testing)/' },
      to: { path: 'node_modules/pg/' },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '(\\.spec\\.ts$|^libs/testing/|^test/)', pathNot: '^libs/testing/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
};
