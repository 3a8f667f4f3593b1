export { ApiKey } from './api-key.entity.js';
export { ApiKeysService, type Principal } from './api-keys.service.js';
export { CredentialDirectory, type KnownCredential } from './credential-directory.js';
export { Organization } from './organization.entity.js';
export { OrganizationsDirectory } from './organizations-directory.js';
export { OrganizationsService, type NewOrganization } from './organizations.service.js';
export { OPERATOR_SCOPE, ORGANIZATION_CREATED } from './tenancy.events.js';
export { TenancyModule } from './tenancy.module.js';
