select sluice.secure_retention('jobs');
