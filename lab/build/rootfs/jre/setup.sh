# For a compiler, and for heaps above 32 GiB: 20 MB that no service reads.
rm /usr/lib/jvm/java-17-openjdk-amd64/lib/ct.sym /usr/lib/jvm/java-17-openjdk-amd64/lib/server/classes_nocoops.jsa
mkdir /app
