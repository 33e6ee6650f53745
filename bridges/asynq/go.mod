module bridge

go 1.22
