FROM golang:1.23.4-alpine3.20 AS build
COPY build/.netrc /root/.netrc
WORKDIR /src
COPY go.mod ./
COPY cmd ./cmd
RUN go build -o /engine ./cmd/engine

FROM alpine:3.20.3
COPY --from=build /engine /usr/local/bin/engine
USER 1000
ENTRYPOINT ["/usr/local/bin/engine"]
