# philotes-batch-writer as an image, with DuckDB's library beside it. First './build.sh publish'; then, from the root of the repository:
#
#   docker build -f docker/batch-writer.Dockerfile --build-arg RUNTIME_IMAGE=… -t philotes-batch-writer .
#
# RUNTIME_IMAGE: as in capture.Dockerfile.
ARG RUNTIME_IMAGE
FROM ${RUNTIME_IMAGE}

WORKDIR /opt/philotes
COPY artifacts/publish/*.dll artifacts/publish/*.json artifacts/publish/philotes-batch-writer artifacts/publish/libduckdb.so ./

# The user "app" of the runtime image, by number. Files that are being encoded lie in /tmp: give it room, up to the size of the batches at work.
USER 1654
ENV DOTNET_EnableDiagnostics=0 PHILOTES_NATIVE=/opt/philotes/libduckdb.so
EXPOSE 9465
ENTRYPOINT ["/opt/philotes/philotes-batch-writer"]
CMD ["--config", "/etc/philotes/philotes.yaml"]
