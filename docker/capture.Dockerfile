# philotes-capture as an image. First './build.sh publish'; then, from the root of the repository:
#
#   docker build -f docker/capture.Dockerfile --build-arg RUNTIME_IMAGE=… -t philotes-capture .
#
# RUNTIME_IMAGE is the chiselled ASP.NET runtime for .NET 10 (dotnet/aspnet, tag 10.0-noble-chiseled) by the name that your container registry has for it. It has no
# shell and no package manager. docs/how-to.md says more.
ARG RUNTIME_IMAGE
FROM ${RUNTIME_IMAGE}

WORKDIR /opt/philotes
COPY artifacts/publish/*.dll artifacts/publish/*.json artifacts/publish/philotes-capture ./

# The user "app" of the runtime image, by number: a cluster can check that it is not root.
USER 1654
ENV DOTNET_EnableDiagnostics=0
EXPOSE 9464
ENTRYPOINT ["/opt/philotes/philotes-capture"]
CMD ["--config", "/etc/philotes/philotes.yaml"]
