export { EvaluationModule } from './evaluation.module.js';
export { Judge, type JudgeContext, type JudgedObject } from './judge.service.js';
export { Run } from './run.entity.js';
export { RUNS_QUEUE, RunLedger } from './run-ledger.store.js';
export { RunsReadModel } from './runs.read-model.js';
export { RunsService } from './runs.service.js';
export { readJsonBody, readYamlBody, type ValidationInput } from './validation-input.rules.js';
export { ValidationService } from './validation.service.js';
export { ValidationsReadModel } from './validations.read-model.js';
