export * from './daemon-capacity-provider';
export * from './daemon-container-definition';
export * from './daemon-task-definition';
export * from './managed-daemon';
