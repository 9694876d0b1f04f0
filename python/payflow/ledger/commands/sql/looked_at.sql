-- Command $1 is not waited for any more.
UPDATE commands SET answer_by = NULL WHERE command_id = $1
