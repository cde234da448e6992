module landfall/lab/build/pause

go 1.26.0
