"""kaname: who is hit by an export restriction on critical materials, what runs short, where and when."""
